"""Background entry points. Safe to run twice, and at once: a lease decides who compares."""

from __future__ import annotations

from webapp.core import db
from webapp.core.queue import enqueue
from webapp.sync.reconcile import actions
from webapp.sync.reconcile.walking import compare


def go_on(comparison_id: int) -> None:
    """Compare until it is done or the turn is over; others come between."""
    if compare(comparison_id):
        enqueue(go_on, comparison_id, queue="pull")


def tick() -> None:
    """Every ten seconds: what is due goes on, also after a worker died or the upstream asked to wait."""
    with db.transaction():
        for comparison_id in actions.due():
            enqueue(go_on, comparison_id, queue="pull")


def begin_due() -> None:
    """Every ten minutes: connections whose open records nobody has compared for a week."""
    with db.transaction():
        actions.begin_weekly()
