"""Attempts are kept for three months after they were made; the delivery and its outcome stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from webapp.core import clock, db
from webapp.outbox.models import Attempt, Delivery

ATTEMPTS_KEPT = timedelta(days=90)
AT_ONCE = 1000


def prune() -> int:
    """How many attempts of settled deliveries were let go."""
    before, total = clock.now() - ATTEMPTS_KEPT, 0
    while True:
        old = (
            select(Attempt.id)
            .join(Delivery, Delivery.id == Attempt.delivery_id)
            .where(Attempt.started_at < before, Delivery.settled_at.is_not(None))
            .limit(AT_ONCE)
        )
        with db.transaction() as session:
            done: Any = session.execute(
                delete(Attempt).where(Attempt.id.in_(old)),
                execution_options={"synchronize_session": False},
            )
        total += done.rowcount
        if done.rowcount < AT_ONCE:
            return total
