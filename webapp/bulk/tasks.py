"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import select

from webapp.bulk import actions
from webapp.bulk.models import RUNNING, Bulk
from webapp.core import clock, db
from webapp.core.queue import enqueue

BUDGET_S = 60.0
STANDS_STILL = timedelta(seconds=30)


def go_on(bulk_id: int) -> None:
    """Batch after batch, each in a transaction of its own; after a minute others get their turn."""
    end = time.monotonic() + BUDGET_S
    while True:
        with db.transaction():
            more = actions.do_batch(bulk_id)
            late = more and time.monotonic() > end
            if late:
                enqueue(go_on, bulk_id)
        if late or not more:
            return


def tick() -> None:
    """Every ten seconds: what a dead worker left half done goes on."""
    with db.transaction() as session:
        still = select(Bulk.id).where(
            Bulk.state == RUNNING, Bulk.touched_at < clock.now() - STANDS_STILL
        )
        for bulk_id in session.scalars(still).all():
            enqueue(go_on, bulk_id)
        if db.first_time("forget old bulks"):
            actions.forget_old()
