"""The columns that the list can have beside the ticket itself."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from webapp.core import db
from webapp.tickets.lists.models import ListChoice
from webapp.tickets.queries.filters import DUE, NEWEST, OLDEST, PRIORITY, UPDATED

COLUMNS = (
    "status",
    "priority",
    "category",
    "barangay",
    "source",
    "assignee",
    "team",
    "reporter",
    "due",
    "reported",
    "updated",
)
USUAL = ("status", "category", "source", "assignee", "reported")
# column → the order that its heading gives, and the one that it gives where it is in use already.
SORTED_BY = {
    "reported": (NEWEST, OLDEST),
    "updated": (UPDATED, UPDATED),
    "priority": (PRIORITY, PRIORITY),
    "due": (DUE, DUE),
}
RISING = (OLDEST, DUE)


def columns_of(user_id: int) -> tuple[str, ...]:
    """As the person chose them, else the usual ones."""
    choice = db.session().get(ListChoice, user_id)
    return known(choice.columns) if choice else USUAL


def known(names: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in COLUMNS if name in wanted)


def column_name(name: str) -> str:
    return {
        "status": gettext("Status"),
        "priority": gettext("Priority"),
        "category": gettext("Category"),
        "barangay": gettext("Barangay"),
        "source": gettext("Source"),
        "assignee": gettext("Assignee"),
        "team": gettext("Team"),
        "reporter": gettext("Reported by"),
        "due": gettext("Due"),
        "reported": gettext("Reported"),
        "updated": gettext("Updated"),
    }[name]
