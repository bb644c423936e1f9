"""Writes the roll-up: with the end of each run, in its transaction; and all anew from the runs that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.core.inserting import insert_into
from webapp.sync.models import Connection, Run
from webapp.sync.statistics.models import RunShare, RunTotal
from webapp.sync.statistics.rules import COUNTERS, ERROR, STATES, TOOK, Totals, slot_of, totals_of

NAMES = (*STATES, *COUNTERS, "waited_ms")
_READ = (
    Run.connection_id,
    Run.state,
    Run.error_kind,
    Run.waited_s,
    Run.started_at,
    Run.ended_at,
    *(getattr(Run, name) for name in COUNTERS),
)
Key = tuple[int, int]  # connection, slot


def add(session: Session, run_ids: Sequence[int]) -> None:
    """Count runs that have just ended, each once: in the transaction that ended them."""
    if run_ids:
        _write(session, _summed(session.execute(select(*_READ).where(Run.id.in_(run_ids)))))


def rebuild(session: Session, connection_id: int) -> int:
    """Make the totals of one connection anew from its runs. Gives how many were counted.

    What is older than the oldest run that is kept stays as it is.
    """
    # The end of a run writes this row first: none can end between our reading and our writing.
    session.scalar(select(Connection.id).where(Connection.id == connection_id).with_for_update())
    mine = (Run.connection_id == connection_id, Run.ended_at.is_not(None))
    oldest = session.scalar(select(func.min(Run.started_at)).where(*mine))
    if oldest is None:
        return 0
    for model in (RunTotal, RunShare):
        session.execute(
            delete(model).where(
                model.connection_id == connection_id,
                model.slot >= slot_of(oldest.astimezone(UTC)),
            )
        )
    rows = session.execute(select(*_READ).where(*mine).execution_options(yield_per=2000))
    summed = _summed(rows)
    _write(session, summed)
    return sum(each[state] for each in summed.values() for state in STATES)


def _summed(rows: Iterable[Any]) -> dict[Key, Totals]:
    found: dict[Key, Totals] = {}
    for row in rows:
        found.setdefault((row.connection_id, slot_of(row.started_at)), Totals()).add(totals_of(row))
    return found


def _write(session: Session, summed: dict[Key, Totals]) -> None:
    totals = [
        {"connection_id": key[0], "slot": key[1], **{name: each[name] for name in NAMES}}
        for key, each in summed.items()
    ]
    _upsert(session, RunTotal, totals, NAMES)
    _upsert(session, RunShare, list(_shares(summed)), ("number",))


def _shares(summed: dict[Key, Totals]) -> Iterable[dict[str, Any]]:
    for (connection_id, slot), each in summed.items():
        for kind, spread in ((ERROR, each.errors), (TOOK, each.took)):
            for name, number in spread.items():
                yield {
                    "connection_id": connection_id,
                    "slot": slot,
                    "kind": kind,
                    "name": str(name)[:30],
                    "number": number,
                }


def _upsert(
    session: Session,
    model: type[RunTotal] | type[RunShare],
    rows: Sequence[dict[str, Any]],
    added: tuple[str, ...],
) -> None:
    """Insert, or add to what stands there."""
    if rows:
        session.execute(_adding(model, added), rows)


@lru_cache
def _adding(model: type[RunTotal] | type[RunShare], added: tuple[str, ...]) -> Any:
    """Made once: each run ends with two of them, and they have many columns."""
    table: Any = model.__table__
    statement: Any = insert_into(model)
    more = {name: table.c[name] + statement.excluded[name] for name in added}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=more)
