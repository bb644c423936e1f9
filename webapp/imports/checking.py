"""The pass that writes no ticket: what would become of each row is counted; some are kept to be shown, all bad ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from webapp.core import db
from webapp.core.inserting import insert_rows
from webapp.imports import actions, rows
from webapp.imports.deciding import Decision, Twice, decide
from webapp.imports.models import BAD, CHECKING, PREVIEW, Import, ImportRow

AT_ONCE = 500
SHOWN = 10  # rows of each outcome


def check(import_id: int) -> None:
    """Raises actions.TakenOver."""
    with db.transaction() as session:
        it = actions.take(import_id, state=CHECKING)
        if it is None:
            return
        session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    attempt, (counts, samples) = it.attempt, _gone_through(it)
    with db.transaction():
        actions.settle(import_id, attempt=attempt, state=PREVIEW, counts=counts, samples=samples)


def _gone_through(it: Import) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    import_id, attempt = it.id, it.attempt
    counts: dict[str, int] = {}
    samples: dict[str, list[dict[str, Any]]] = {}
    twice, place, handled, more = Twice(), 0, 0, True
    while more:
        some, place = rows.some(import_id, place=place, most=AT_ONCE)
        more = len(some) == AT_ONCE
        decisions = decide(it, some)
        twice.mark(decisions)
        for each in decisions:
            counts[each.outcome] = counts.get(each.outcome, 0) + 1
            if counts[each.outcome] <= SHOWN:
                samples.setdefault(each.outcome, []).append(_sample(each))
        handled += len(some)
        with db.transaction():
            insert_rows(ImportRow, _bad(import_id, decisions))
            actions.tell(import_id, attempt=attempt, handled=handled)
    return counts, samples


def _bad(import_id: int, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    return [
        {"import_id": import_id, "number": each.number, "outcome": BAD, "reason": each.reason, "changes": {}}
        for each in decisions
        if each.outcome == BAD
    ]  # fmt: skip


def _sample(decision: Decision) -> dict[str, Any]:
    return {
        "number": decision.number,
        "title": decision.title,
        "reason": decision.reason,
        "ref": decision.ticket.ref if decision.ticket else "",
        "changes": decision.changes,
    }
