"""The end of a soak: until everything rests, and what the invariants then say, from SQL alone."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select

from bench.crowd import BUSY, Crowd
from tests.proof import invariants
from webapp.core import db
from webapp.outbox.models import Attempt, Delivery
from webapp.sync.models import Connection, Link, Run


def come_to_rest(crowd: Crowd, *, within: float) -> bool:
    end = time.monotonic() + within
    quiet = 0
    while time.monotonic() < end and quiet < 3:
        time.sleep(3)
        with suppress(*BUSY):
            crowd.press_buttons()
            quiet = quiet + 1 if _is_quiet(crowd) else 0
    return quiet == 3


def _is_quiet(crowd: Crowd) -> bool:
    with crowd.amihan.desk.app_context(), db.transaction() as session:
        connection = session.get_one(Connection, crowd.connection_id)
        waiting = session.scalar(select(func.count()).where(Delivery.settled_at.is_(None)))
        reread = session.scalar(select(func.count()).where(Link.reread.is_(True)))
        last = session.scalars(
            select(Run).where(Run.state != "running").order_by(Run.id.desc()).limit(1)
        ).first()
        records = session.scalar(select(func.count()).select_from(Link))
        calm = last is not None and last.state == "ok" and last.updated == last.created == 0
        # At rest means between two runs; the invariants want no lease and no open run.
        if calm and not waiting and not reread and records == crowd.reports.shelf.count():
            connection.next_pull_at = None
            return connection.lease_token is None
        return False


def verdict(crowd: Crowd, *, rested: bool) -> dict[str, Any]:
    """What was done, what the desk counted, and which invariants are broken."""
    with crowd.amihan.desk.app_context():
        broken = [*crowd.failed, *([] if rested else ["it did not come to rest"])]
        for check in (_check_books, _check_both_sides, _check_words):
            try:
                check(crowd)
            except AssertionError as error:
                broken.append(f"{check.__name__}: {str(error)[:300]}")
        session = invariants.fresh()
        return {
            "records": crowd.reports.shelf.count(),
            **crowd.counted,
            "runs": _by(Run.state),
            "fetched": session.scalar(select(func.sum(Run.fetched))),
            "deliveries": _by(Delivery.state, Delivery.channel == "push"),
            "attempts": session.scalar(select(func.count()).select_from(Attempt)),
            "conflicts": invariants.conflicts(crowd.connection_id),
            "rows": invariants.traces(),
            "broken": broken,
        }


def _by(column: Any, *conditions: Any) -> dict[str, int]:
    query = select(column, func.count()).where(*conditions).group_by(column)
    return dict(invariants.fresh().execute(query).tuples().all())


def _check_books(crowd: Crowd) -> None:
    invariants.check_books(crowd.connection_id)


def _check_both_sides(crowd: Crowd) -> None:
    theirs = crowd.reports.page(since=None, after=None, limit=10_000_000)
    invariants.check_both_sides(crowd.connection_id, [report for _, report in theirs])


def _check_words(crowd: Crowd) -> None:
    """Nothing is queued that nobody said, and nothing is parked for good."""
    queued = sum(_by(Delivery.state, Delivery.channel == "push").values())
    allowed = crowd.counted["ours_edited"] + invariants.conflicts(crowd.connection_id)
    assert queued <= allowed, f"{queued} deliveries for {allowed} words"
