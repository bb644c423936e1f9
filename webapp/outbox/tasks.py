"""Background entry points of the outbox. Safe to run twice, and at once: SQL decides who sends what."""

from __future__ import annotations

from webapp.core import slow
from webapp.core.queue import enqueue
from webapp.outbox import deliver, lanes


def drain(target: str) -> None:
    """Send what is due for `target`, for five minutes at most; the rest goes on in a task of its own."""
    if slow.is_misplaced(target) or deliver.drain(target):
        enqueue(drain, target, queue="deliver", road=target)


def tick_due() -> None:
    """Every ten seconds: have each target drained that has something due, or something a dead worker left behind."""
    for target in lanes.targets_due():
        enqueue(drain, target, queue="deliver", road=target)
