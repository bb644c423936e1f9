"""What is not kept for ever: raw payloads for a month; runs that brought nothing for three.

Hashes, links and the totals of statistics stay, so that no count changes and nothing comes in anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Update, delete, null, or_, select, update

from webapp.core import clock, db
from webapp.sync import runs
from webapp.sync.models import Link, Quarantine, Run

PAYLOADS_KEPT = timedelta(days=30)
RUNS_KEPT = timedelta(days=90)
AT_ONCE = 1000  # rows in one transaction, so that nobody waits for long


def prune() -> dict[str, int]:
    """How many of each were let go. Safe to repeat, and to be killed."""
    now = clock.now()
    return {
        "payloads": _all(lambda: _payloads(now - PAYLOADS_KEPT)),
        "solved problems": _all(lambda: _solved(now - PAYLOADS_KEPT)),
        "runs": _all(lambda: _empty_runs(now - RUNS_KEPT)),
    }


def _all(step: Any) -> int:
    total = 0
    while True:
        with db.transaction() as session:
            done: Any = session.execute(step(), execution_options={"synchronize_session": False})
        total += done.rowcount
        if done.rowcount < AT_ONCE:
            return total


def _payloads(before: datetime) -> Update:
    old = (
        select(Link.id)
        .where(
            Link.payload.is_not(null()),
            Link.created_at < before,
            or_(Link.upstream_updated_at.is_(None), Link.upstream_updated_at < before),
        )
        .limit(AT_ONCE)
    )
    return update(Link).where(Link.id.in_(old)).values(payload=null())


def _solved(before: datetime) -> Delete:
    old = (
        select(Quarantine.id)
        .where(Quarantine.state == "solved", Quarantine.last_seen_at < before)
        .limit(AT_ONCE)
    )
    return delete(Quarantine).where(Quarantine.id.in_(old))


def _empty_runs(before: datetime) -> Delete:
    """Of old runs those stay that changed or refused something, or failed."""
    old = (
        select(Run.id)
        .where(
            Run.ended_at < before,
            Run.state == runs.OK,
            Run.created + Run.updated + Run.deferred + Run.quarantined == 0,
        )
        .limit(AT_ONCE)
    )
    return delete(Run).where(Run.id.in_(old))
