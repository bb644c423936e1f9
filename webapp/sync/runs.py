"""The rows of runs: opened, counted and closed, always under the lease they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
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
    added: dict[str, Any] = {**tally.counts(), "pages": pages, **usage}
    values: dict[Any, Any] = {
        getattr(Run, name): getattr(Run, name) + amount for name, amount in added.items() if amount
    }
    if total_hint is not None:
        values[Run.total_hint] = total_hint
    if values:
        session.execute(
            update(Run)
            .where(Run.id == run_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )


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
