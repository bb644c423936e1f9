"""What the form for priority, due time, team and tags shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.accounts.guards import viewer
from webapp.core import db
from webapp.core.forms import number_from
from webapp.tickets import words
from webapp.tickets.merging import Merged
from webapp.tickets.models import Team, Ticket
from webapp.tickets.queries import Opened

FIELDS = ("priority", "due_at", "team", "tags")
MINUTES = "%Y-%m-%dT%H:%M"  # as a datetime-local field has it, in the viewer's zone


def values_of(ticket: Ticket, tags: Sequence[str] | None = None) -> dict[str, str]:
    """What the form shows, as texts. `tags`: their names, where they were read already."""
    tags = [tag.name for tag in ticket.tags] if tags is None else tags
    due = ticket.due_at.astimezone(viewer().zone).strftime(MINUTES) if ticket.due_at else ""
    return {
        "priority": str(ticket.priority),
        "due_at": due,
        "team": str(ticket.team_id or ""),
        "tags": ", ".join(tags),
    }


def part_values(opened: Opened) -> dict[str, Any]:
    """For the part “organised”."""
    now = values_of(opened.ticket, opened.tags)
    return {
        "now_values": now,
        "typed": now,
        "disputed": [],
        "errors": {},
        "teams": opened.teams,
    }


def part_words(_opened: Opened) -> dict[str, Any]:
    return {"priorities": words.priority_choices()}


def in_words(merged: Merged) -> list[tuple[str, str, str]]:
    """The disputed fields: (name, theirs, the person's own)."""
    return [
        (words.field_name(name), _word(name, theirs), _word(name, merged.shown[name]))
        for name, theirs in merged.disputed.items()
    ]


def _word(name: str, value: str) -> str:
    if name == "priority":
        return words.priority_name(number_from(value) or 0)
    if name == "team" and value:
        team = db.session().get(Team, number_from(value) or 0)
        return team.name if team else value
    return value.replace("T", " ") if name == "due_at" else value
