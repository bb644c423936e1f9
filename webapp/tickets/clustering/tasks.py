"""Background entry points. Safe to run twice, and at once: one of them works, the others leave it to it."""

from __future__ import annotations

import time

from sqlalchemy import select

from webapp.core import db
from webapp.core.queue import enqueue
from webapp.core.redis import client
from webapp.tickets.clustering import comparing
from webapp.tickets.models import Ticket

BUDGET_S = 30.0
_LOCK = "tulay:comparing"


def compare_waiting() -> None:
    """Batch after batch; after half a minute others get their turn."""
    lock = client().lock(_LOCK, timeout=BUDGET_S * 4, blocking=False)
    if not lock.acquire():
        return
    try:
        end = time.monotonic() + BUDGET_S
        more = True
        while more and time.monotonic() < end:
            with db.transaction():
                comparing.place()
            found = comparing.look()
            with db.transaction():
                comparing.keep(found)
            more = len(found) == comparing.BATCH
    finally:
        if lock.owned():
            lock.release()
    if more:
        enqueue(compare_waiting)


def tick() -> None:
    """Every ten seconds: somebody looks at the tickets that wait to be compared."""
    if db.session().scalar(select(Ticket.id).where(Ticket.to_compare).limit(1)) is not None:
        enqueue(compare_waiting)
