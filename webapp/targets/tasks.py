"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

from webapp.core import db
from webapp.targets import actions


def watch() -> None:
    """Every minute: what became due, and what is about to."""
    with db.transaction():
        actions.watch_deadlines()


def recompute() -> None:
    """After a target or a calendar was changed: the deadlines of all unfinished tickets, some at a time."""
    after: int | None = 0
    while after is not None:
        with db.transaction():
            after = actions.recompute_some(after)


def send_reports() -> None:
    """Reports by mail whose time has come."""
    with db.transaction():
        actions.send_due_reports()
