"""The columns that the list can have beside the ticket itself."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext
from sqlalchemy import bindparam, select

from webapp.accounts.callers import ask_beside
from webapp.accounts.models import User
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
    "came",
    "reported",
    "updated",
)
USUAL = ("status", "category", "source", "assignee", "came")
# column → the order that its heading gives, and the one that it gives where it is in use already.
SORTED_BY = {
    "came": (
        NEWEST,
        OLDEST,
    ),  # by arrival, as that column says it; when it was reported is another day
    "updated": (UPDATED, UPDATED),
    "priority": (PRIORITY, PRIORITY),
    "due": (DUE, DUE),
}
RISING = (OLDEST, DUE)
_CHOSEN = select(ListChoice.columns).where(ListChoice.user_id == bindparam("user_id"))
_OWN = select(ListChoice.columns).where(ListChoice.user_id == User.id)
ask_beside(list_columns=_OWN.scalar_subquery())


def columns_of(user_id: int) -> tuple[str, ...]:
    """As the person chose them, else the usual ones."""
    return chosen(own_of(user_id))


def own_of(user_id: int) -> list[str] | None:
    found: list[str] | None
    found = db.session().connection().execute(_CHOSEN, {"user_id": user_id}).scalar()
    return found


def chosen(names: Iterable[str] | None) -> tuple[str, ...]:
    return USUAL if names is None else known(names)


def known(names: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in COLUMNS if name in wanted)


def column_name(name: str) -> str:
    return str(_NAMES[name])


_NAMES = {
    "status": lazy_gettext("Status"),
    "priority": lazy_gettext("Priority"),
    "category": lazy_gettext("Category"),
    "barangay": lazy_gettext("Barangay"),
    "source": lazy_gettext("Source"),
    "assignee": lazy_gettext("Assignee"),
    "team": lazy_gettext("Team"),
    "reporter": lazy_gettext("Reported by"),
    "due": lazy_gettext("Due"),
    "came": lazy_gettext("Came in"),
    "reported": lazy_gettext("Reported"),
    "updated": lazy_gettext("Updated"),
}
