"""Filters in words, and what each can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy import select

from webapp.accounts.queries import find_name, people_who_may
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.tickets import words
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.clustering.queries import current_clusters
from webapp.tickets.models import Tag, Team
from webapp.tickets.queries import offered
from webapp.tickets.queries.filters import (
    ANY,
    LATE_ANSWER,
    LATE_SOLUTION,
    ME,
    NOBODY,
    NONE,
    Filters,
)

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    """One filter that is set. `value` is None where what it names is gone."""

    name: str
    label: str
    value: str | None
    typed: str


_LABELS = {
    "q": lazy_gettext("Search"),
    "category": lazy_gettext("Category"),
    "barangay": lazy_gettext("Barangay"),
    "source": lazy_gettext("Source"),
    "assignee": lazy_gettext("Assignee"),
    "team": lazy_gettext("Team"),
    "tag": lazy_gettext("Tag"),
    "priority": lazy_gettext("Priority"),
    "cluster": lazy_gettext("Cluster"),
    "reported_from": lazy_gettext("Reported from"),
    "reported_to": lazy_gettext("Reported until"),
    "updated_from": lazy_gettext("Updated from"),
    "updated_to": lazy_gettext("Updated until"),
    "came_from": lazy_gettext("Came in from"),
    "came_to": lazy_gettext("Came in until"),
    "finished_from": lazy_gettext("Finished from"),
    "finished_to": lazy_gettext("Finished until"),
    "area": lazy_gettext("Area"),
    "late": lazy_gettext("Late with"),
    "overdue": lazy_gettext("Overdue"),
    "problem": lazy_gettext("Has a problem"),
    "merged": lazy_gettext("With merged ones"),
}


def label(name: str) -> str:
    return str(_LABELS.get(name, name))


def parts_of(filters: Filters) -> list[Part]:
    """What is set, besides the status."""
    return [
        Part(name, label(name), _value(name, value), value)
        for name, value in filters.narrowing.items()
    ]


def gone(part: Part) -> str:
    """A sentence about a filter that names what is no longer here."""
    if part.name == "tag":
        return gettext("The tag “%(name)s” of this list is gone.", name=part.typed)
    if part.name == "team":
        return gettext("The team of this list is gone.")
    if part.name == "cluster":
        return gettext("The cluster of this list is gone.")
    return gettext("The person of this list is gone.")


def _value(name: str, value: str) -> str | None:
    if name in ("overdue", "problem", "merged"):
        return ""
    if name in _NAMED:
        return _NAMED[name](value)
    return format_date(date.fromisoformat(value)) if name.endswith(("_from", "_to")) else value


def _person(value: str) -> str | None:
    fixed = {ME: gettext("me"), NOBODY: gettext("nobody")}
    return fixed.get(value) or find_name(int(value)) or None


def _team(value: str) -> str | None:
    if value == NOBODY:
        return gettext("none")
    return db.session().scalar(select(Team.name).where(Team.id == int(value)))


def _tag(value: str) -> str | None:
    return db.session().scalar(select(Tag.name).where(Tag.key == value))


def _cluster(value: str) -> str | None:
    if value in (ANY, NOBODY):
        return gettext("in one") if value == ANY else gettext("none")
    found = db.session().get(Cluster, int(value))
    return f"{found.ref} {found.title}" if found else None


def _none_or(value: str) -> str:
    return gettext("none") if value == NONE else value


def _source(value: str) -> str:
    named = dict(offered.sources_in_use()) if value.startswith("connection:") else {}
    return words.source_name(value, named.get(value, ""))


_NAMED: dict[str, Callable[[str], str | None]] = {
    "category": _none_or,
    "barangay": _none_or,
    "late": lambda value: dict(late_choices())[value],
    "assignee": _person,
    "team": _team,
    "tag": _tag,
    "cluster": _cluster,
    "source": _source,
    "priority": lambda value: words.priority_name(int(value)),
}


def choices() -> Mapping[str, Choices]:
    """filter → (value, words) of what it can be."""
    return {
        "category": _or_none(offered.categories_in_use()),
        "barangay": _or_none(offered.barangays_in_use()),
        "source": [(key, words.source_name(key, name)) for key, name in offered.sources_in_use()],
        "assignee": [
            (ME, gettext("Me")),
            (NOBODY, gettext("Nobody")),
            *((str(user.id), user.name) for user in people_who_may(Permission.TICKETS_WORK)),
        ],
        "team": [(NOBODY, gettext("None")), *((str(t.id), t.name) for t in offered.all_teams())],
        "cluster": [
            (ANY, gettext("In one")),
            (NOBODY, gettext("None")),
            *((str(each.id), f"{each.ref} {each.title}") for each in current_clusters()),
        ],
        "tag": [(tag.key, tag.name) for tag in offered.all_tags()],
        "priority": words.priority_choices(),
        "late": late_choices(),
    }


def _or_none(names: Iterable[str]) -> Choices:
    return [*((name, name) for name in names if name), (NONE, gettext("None"))]


def late_choices() -> Choices:
    return [(LATE_ANSWER, gettext("an answer")), (LATE_SOLUTION, gettext("the solution"))]


def sort_choices() -> Choices:
    return [
        ("newest", gettext("Newest first")),
        ("updated", gettext("Changed last first")),
        ("priority", gettext("Most urgent first")),
        ("due", gettext("Due first")),
        ("oldest", gettext("Oldest first")),
    ]
