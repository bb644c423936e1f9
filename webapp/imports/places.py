"""Whose a ticket is to be, and its tags: what a file says of it in names of this desk, beside a ticket's own values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.imports.cells import NOBODY
from webapp.tickets import actions as tickets
from webapp.tickets.actions.fields import READ
from webapp.tickets.models import Ticket
from webapp.tickets.queries import team_choices
from webapp.tickets.words import priority_choices, status_choices

FIELDS = ("team", "assignee", "tags")


def our_words() -> dict[str, list[tuple[str, str]]]:
    """Field whose values are words of this desk → (value, how it is called) of each that can be chosen."""
    people = people_who_may(Permission.TICKETS_WORK)
    return {
        "status": list(status_choices()),
        "priority": list(priority_choices()),
        "team": [(NOBODY, gettext("No team")), *((str(k), name) for k, name in team_choices(None))],
        "assignee": [(NOBODY, gettext("Nobody")), *((str(p.id), p.name) for p in people)],
    }


def our_names() -> dict[str, dict[str, str]]:
    """Field → name in small letters → value. Of people the address does, too; a name that two have says nothing."""
    people = people_who_may(Permission.TICKETS_WORK)
    persons = [(p.name, str(p.id)) for p in people] + [(p.email, str(p.id)) for p in people]
    return {
        "team": _unique((name, str(key)) for key, name in team_choices(None)),
        "assignee": _unique(persons),
    }


def told_apart(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a row says of the ticket itself, and of its place; nobody is as good as nothing said."""
    said = {name: values.pop(name, None) for name in FIELDS}
    return values, {name: value for name, value in said.items() if value}


def changes_to(ticket: Ticket, place: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → [before, after]. Tags of the file come to those that it has."""
    wanted = dict(place)
    if "tags" in wanted:
        wanted["tags"] = _joined(READ["tags"](ticket), wanted["tags"])
    before = {name: READ[name](ticket) for name in wanted}
    return {n: [before[n], new] for n, new in wanted.items() if new != before[n]}


def _joined(has: list[str], more: Iterable[str]) -> list[str]:
    names = {tickets.tag_key(name): name for name in [*more, *has]}
    return [names[key] for key in sorted(names)]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.strip().casefold()
        found[key] = "" if found.get(key, value) != value else value
    return found
