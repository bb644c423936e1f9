"""States and reasons in words for people."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from webapp.fieldwork.recurring import DAILY, MONTHLY, WEEKLY
from webapp.fieldwork.states import (
    CANCELLED,
    DONE,
    NOT_POSSIBLE,
    ON_THE_WAY,
    PLANNED,
    STATES,
    WORKING,
)
from webapp.fieldwork.suggesting import Suggestion


def state_name(state: str) -> str:
    return {
        PLANNED: gettext("Planned"),
        ON_THE_WAY: gettext("On the way"),
        WORKING: gettext("Working"),
        DONE: gettext("Done"),
        NOT_POSSIBLE: gettext("Not possible"),
        CANCELLED: gettext("Cancelled"),
    }.get(state, state)


def move_name(state: str) -> str:
    """What the button says that leads there."""
    return {
        PLANNED: gettext("Back to planned"),
        ON_THE_WAY: gettext("I am on my way"),
        WORKING: gettext("Start work"),
        DONE: gettext("Done"),
        NOT_POSSIBLE: gettext("Not possible"),
        CANCELLED: gettext("Cancel the job"),
    }.get(state, state)


def item_state(value: str) -> str:
    return {
        "done": gettext("Done"),
        "undone": gettext("Not done"),
        "gone": gettext("Taken off the list"),
    }.get(value, value)


def used(value: str) -> str:
    return gettext("%(n)s used", n=value) if value else gettext("Nobody has said")


def state_choices() -> list[tuple[str, str]]:
    return [(state, state_name(state)) for state in STATES]


def every_name(every: str) -> str:
    return {
        DAILY: gettext("Daily"),
        WEEKLY: gettext("Weekly"),
        MONTHLY: gettext("Monthly"),
    }.get(every, every)


def why(suggestion: Suggestion) -> str:
    """The reasons for a suggestion: has the skill, 1.2 km away, 3 jobs that day."""
    parts = []
    if suggestion.has_skill:
        parts.append(gettext("has the skill"))
    if suggestion.in_area:
        parts.append(gettext("works in this area"))
    if suggestion.km is not None:
        parts.append(gettext("%(km)s km away", km=f"{suggestion.km:.1f}"))
    parts.append(
        ngettext("%(num)s job that day", "%(num)s jobs that day", suggestion.jobs)
        if suggestion.jobs
        else gettext("no job that day")
    )
    if suggestion.clash:
        parts.append(gettext("another job at that time"))
    return ", ".join(parts)


def field_name(field: str) -> str:
    return {
        "title": gettext("Title"),
        "description": gettext("Description"),
        "place": gettext("Place"),
        "barangay": gettext("Barangay"),
        "lat": gettext("Latitude"),
        "lng": gettext("Longitude"),
        "starts_at": gettext("From"),
        "ends_at": gettext("Until"),
        "skill": gettext("Skill"),
        "priority": gettext("Priority"),
        "ticket": gettext("Ticket"),
        "resolves_ticket": gettext("Resolves its ticket"),
        "crew": gettext("Crew"),
        "state": gettext("State"),
        "name": gettext("Name"),
        "phone": gettext("Phone"),
        "skills": gettext("Skills"),
        "areas": gettext("Areas"),
        "hours": gettext("Working hours"),
        "active": gettext("Active"),
        "user": gettext("Account"),
    }.get(field, field)
