"""An import is taken back: what nobody touched since. What somebody did is left, and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.bulk import kinds
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import gathered, record
from webapp.events.types import Actor
from webapp.imports.actions.beginning import SCOPE, move
from webapp.imports.deciding import as_json
from webapp.imports.events import ImportUndone
from webapp.imports.models import (
    CREATE,
    DONE,
    LEFT,
    TAKEN_BACK,
    UNDOING,
    UNDONE,
    UPDATE,
    Import,
    ImportRow,
)
from webapp.imports.places import FIELDS
from webapp.tickets import actions as tickets
from webapp.tickets.actions.fields import READ, set_fields
from webapp.tickets.models import Ticket
from webapp.tickets.words import field_name

AT_ONCE = 200
WAITS = ""


def undo(it: Import, *, actor: Actor) -> None:
    """Raises Conflict when it was undone."""
    move(it, UNDOING, expected=(DONE,))
    it.actor_id, it.actor_name, it.handled = actor.id, actor.name, 0
    session = db.session()
    session.execute(
        update(ImportRow)
        .where(ImportRow.import_id == it.id, ImportRow.outcome.in_((CREATE, UPDATE)))
        .values(undo=WAITS)
    )
    session.flush()


def undo_some(import_id: int) -> bool:
    """The next ones, the last of the file first. False: it is over."""
    session = db.session()
    it = session.get(Import, import_id, with_for_update=True, populate_existing=True)
    if it is None or it.state != UNDOING:
        return False
    query = select(ImportRow).where(ImportRow.import_id == it.id, ImportRow.undo == WAITS)
    some = session.scalars(query.order_by(ImportRow.id.desc()).limit(AT_ONCE)).all()
    found = _tickets_of(some)
    with gathered():
        _take_back_created([row for row in some if row.outcome == CREATE], found, actor=it.actor)
        for row in some:
            if row.outcome == UPDATE:
                _settle(row, _given_back(row, found.get(row.ticket_id or 0), actor=it.actor))
    _note(it, some)
    kinds.tell(SCOPE)
    return it.state == UNDOING


def _note(it: Import, some: Sequence[ImportRow]) -> None:
    counts = dict(it.counts)
    for row in some:
        counts[str(row.undo)] = counts.get(str(row.undo), 0) + 1
    it.counts, it.handled, it.touched_at = counts, it.handled + len(some), clock.now()
    if len(some) < AT_ONCE:
        it.state, it.ended_at = UNDONE, clock.now()
        fact = ImportUndone(
            subject_id=it.id,
            name=it.name,
            undone=counts.get(TAKEN_BACK, 0),
            left=counts.get(LEFT, 0),
        )
        record(fact, actor=it.actor)
    db.session().flush()


def _tickets_of(some: Sequence[ImportRow]) -> dict[int, Ticket]:
    ids = [row.ticket_id for row in some if row.ticket_id]
    query = select(Ticket).where(Ticket.id.in_(ids)).with_for_update()
    return {t.id: t for t in db.session().scalars(query.execution_options(populate_existing=True))}


def _take_back_created(
    created: Sequence[ImportRow], found: dict[int, Ticket], *, actor: Actor
) -> None:
    untouched = []
    worked_on = _worked_on([row.ticket_id or 0 for row in created])
    for row in created:
        ticket = found.get(row.ticket_id or 0)
        if ticket is None:
            _settle(row, "")  # it is gone already
        elif ticket.version != 1 or ticket.id in worked_on:
            _settle(row, gettext("Somebody has worked on %(ref)s since.", ref=ticket.ref))
        else:
            untouched.append((row, ticket))
    _withdraw(untouched, actor=actor)


def _withdraw(untouched: Sequence[tuple[ImportRow, Ticket]], *, actor: Actor) -> None:
    """All at once; one by one where something that is not known here hangs on one of them."""
    try:
        with db.session().begin_nested():
            tickets.withdraw([ticket for _, ticket in untouched], actor=actor)
        for row, _ in untouched:
            _settle(row, "")
    except IntegrityError:
        if len(untouched) == 1:
            [(row, ticket)] = untouched
            _settle(row, gettext("Something else refers to %(ref)s.", ref=ticket.ref))
            return
        for one in untouched:
            _withdraw([one], actor=actor)


def _worked_on(ids: Sequence[int]) -> set[int]:
    """Those of which more is told than that they came, and whom a rule gave them to."""
    query = select(Event.subject_id).where(
        Event.subject_kind == "ticket",
        Event.subject_id.in_(ids),
        Event.type.not_in(("ticket.created", "ticket.routed")),
    )
    return set(db.session().scalars(query))


def _given_back(row: ImportRow, ticket: Ticket | None, *, actor: Actor) -> str:
    """Each field that is still as the import left it gets its old value; why not, where one is not."""
    if ticket is None:
        return gettext("The ticket is gone.")
    changed = [n for n, (_, new) in row.changes.items() if _now(ticket, n) != new]
    old: dict[str, Any] = {n: old for n, (old, _) in row.changes.items() if n not in changed}
    values, place = {n: v for n, v in old.items() if n not in FIELDS}, set(FIELDS) & set(old)
    if values:
        tickets.update_from_upstream(ticket, values=values, actor=actor, from_upstream=False)
    set_fields(ticket, {name: old[name] for name in FIELDS if name in place}, actor=actor)
    if not changed:
        return ""
    names = ", ".join(gettext("Status") if n == "status" else field_name(n) for n in changed)
    return gettext("%(ref)s: changed since: %(names)s", ref=ticket.ref, names=names)


def _now(ticket: Ticket, name: str) -> Any:
    return READ[name](ticket) if name in FIELDS else as_json(getattr(ticket, name))


def _settle(row: ImportRow, reason: str) -> None:
    row.undo, row.undo_reason = (LEFT if reason else TAKEN_BACK), reason
