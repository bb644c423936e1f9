"""Background entry points."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from webapp.accounts.queries import desk
from webapp.core.db import transaction
from webapp.fieldwork import actions, queries


def make_due_jobs() -> int:
    """Of every recurring job what is due; how many. Each in a transaction of its own; run twice it makes none twice."""
    made = 0
    for key in queries.due_recurring():
        with transaction():
            recurring = queries.recurring_by_id(key, lock=True)
            made += len(actions.make_due_jobs(recurring, zone=ZoneInfo(desk().timezone)))
    return made
