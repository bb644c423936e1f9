"""The rows of runs: opened, counted and closed, always under the lease they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull.scope import Tally
from webapp.sync.statistics import totals

RUNNING, OK, PARTIAL, FAILED, CANCELLED = "running", "ok", "partial", "failed", "cancelled"


def begin(
    session: Session,
    connection: Connection,
    *,
    trigger: str,
    token: str,
    since: datetime | None,
    until: datetime,
    now: datetime,
) -> Run:
    run = Run(
        connection_id=connection.id,
        trigger=trigger,
        state=RUNNING,
        token=token,
        since=since,
        until=until,
        cursor_before=dict(connection.cursor or {}),
        started_at=now,
        warnings=[],
    )
    session.add(run)
    session.flush()
    return run


def made_by(session: Session, run: Run) -> dict[str, int]:
    """kind of our records → how many came to be while the run was under way; those that things belong to first."""
    while_it_ran = [Link.created_at >= run.started_at]
    if run.ended_at is not None:
        while_it_ran.append(Link.created_at <= run.ended_at)
    query = (
        select(Link.local_kind, func.count())
        .where(Link.connection_id == run.connection_id, *while_it_ran)
        .group_by(Link.local_kind)
        .order_by(func.count(Link.parent_id), Link.local_kind)
    )
    return {kind: number for kind, number in session.execute(query)}  # noqa: C416


def count(
    session: Session,
    run_id: int,
    tally: Tally,
    *,
    pages: int = 0,
    total_hint: int | None = None,
    **usage: float,
) -> None:
    """Add what one page came to. `usage`: requests, bytes, waited_s of this page."""
    counted = {**tally.counts(), "pages": pages, **usage}
    added = {name: amount for name, amount in counted.items() if amount}
    said = {} if total_hint is None else {"total_hint": total_hint}
    if added or said:
        session.flush()
        given = {f"new_{name}": value for name, value in (added | said).items()}
        statement = _adding(tuple(added), tuple(said))
        session.connection().execute(statement, {"its_id": run_id, **given})


@lru_cache(maxsize=256)
def _adding(added: tuple[str, ...], said: tuple[str, ...]) -> Update:
    """Made once for the same columns, as every page of a pull counts them."""
    columns: Any = Run.__table__.c
    values = {name: columns[name] + bindparam(f"new_{name}") for name in added}
    values |= {name: bindparam(f"new_{name}") for name in said}
    return update(Run.__table__).where(columns.id == bindparam("its_id")).values(values)  # type: ignore[arg-type]


def end(
    session: Session,
    run_id: int,
    *,
    token: str,
    state: str,
    now: datetime,
    cursor: Mapping[str, Any] | None = None,
    **said: Any,
) -> bool:
    """Close a run that is still open under `token`. False when somebody else closed it.

    `said`: error_kind, error, advice, warnings.
    """
    values: dict[str, Any] = {"state": state, "ended_at": now, **said}
    if cursor is not None:
        values["cursor_after"] = dict(cursor)
    done: Any = session.execute(
        update(Run)
        .where(Run.id == run_id, Run.token == token, Run.state == RUNNING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount:
        totals.add(session, [run_id])
    return bool(done.rowcount)
