"""The import itself: some rows in one transaction with how far it has come, so that a crash doubles nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from webapp.bulk import kinds
from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.events.record import gathered, record
from webapp.events.types import Actor
from webapp.imports import rows
from webapp.imports.actions.beginning import SCOPE, move
from webapp.imports.deciding import Decision, decide
from webapp.imports.events import ImportDone, ImportStarted
from webapp.imports.models import BAD, CREATE, DONE, PREVIEW, RUNNING, UPDATE, Import, ImportRow
from webapp.tickets import actions as tickets
from webapp.tickets.actions.fields import set_fields

AT_ONCE = 250  # rows in one transaction
KEPT = timedelta(days=30)


def start(it: Import, *, actor: Actor) -> None:
    """Raises Conflict when it was started."""
    move(it, RUNNING, expected=(PREVIEW,))
    it.actor_id, it.actor_name = actor.id, actor.name
    it.place, it.handled, it.counts, it.samples = 0, 0, {}, {}
    db.session().flush()
    record(ImportStarted(subject_id=it.id, name=it.name, rows=it.total), actor=actor)


def run_some(import_id: int) -> bool:
    """The next rows. False: it is over. Two workers take turns, so that no row is taken twice."""
    it = db.session().get(Import, import_id, with_for_update=True, populate_existing=True)
    if it is None or it.state != RUNNING:
        return False
    read, place = rows.some(it.id, place=it.place, most=AT_ONCE)
    refused = _refused(it, [number for number, _ in read])
    decisions = decide(it, [row for row in read if row[0] not in refused], lock=True)
    with gathered():
        became = [*_create(it, decisions), *_update(it, decisions)]
    became += [_row(it, each) for each in decisions if each.outcome == BAD]
    insert_rows(ImportRow, became)
    it.counts = _counted(it.counts, decisions, len(refused))
    it.place, it.handled, it.touched_at = place, it.handled + len(read), clock.now()
    if len(read) < AT_ONCE:
        it.state, it.ended_at = DONE, clock.now()
        _tell_done(it)
    db.session().flush()
    kinds.tell(SCOPE)
    return it.state == RUNNING


def forget_old() -> int:
    """Those that ended long ago, and those that nobody went on with; how many. Their tickets stay."""
    old = delete(Import).where(Import.touched_at < clock.now() - KEPT)
    gone: Any = db.session().execute(old)
    return int(gone.rowcount)


def _refused(it: Import, numbers: Sequence[int]) -> set[int]:
    """Rows that the check has refused stay refused, even where what was wrong is right by now."""
    bad = select(ImportRow.number).where(
        ImportRow.import_id == it.id, ImportRow.outcome == BAD, ImportRow.number.in_(numbers)
    )
    return set(db.session().scalars(bad))


def _create(it: Import, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    new = [each for each in decisions if each.outcome == CREATE and each.values]
    made = tickets.import_tickets(
        [each.values for each in new if each.values],
        places=[each.place for each in new],
        actor=it.actor,
    )
    return [_row(it, each, ticket_id) for each, ticket_id in zip(new, made, strict=True)]


def _update(it: Import, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    changed = []
    for each in decisions:
        if each.outcome == UPDATE and each.ticket is not None:
            tickets.update_from_upstream(
                each.ticket, values=each.given, actor=it.actor, from_upstream=False
            )
            set_fields(each.ticket, each.place, actor=it.actor)
            changed.append(_row(it, each, each.ticket.id))
    return changed


def _row(it: Import, decision: Decision, ticket_id: int | None = None) -> dict[str, Any]:
    return {
        "import_id": it.id,
        "number": decision.number,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "ticket_id": ticket_id,
        "changes": decision.changes,
    }


def _counted(counts: dict[str, Any], decisions: Sequence[Decision], bad: int) -> dict[str, Any]:
    found = dict(counts)
    for outcome in (*(each.outcome for each in decisions), *[BAD] * bad):
        found[outcome] = found.get(outcome, 0) + 1
    return found


def _tell_done(it: Import) -> None:
    fact = ImportDone(
        subject_id=it.id,
        name=it.name,
        created=it.counts.get(CREATE, 0),
        updated=it.counts.get(UPDATE, 0),
        bad=it.counts.get(BAD, 0),
    )
    record(fact, actor=it.actor)
