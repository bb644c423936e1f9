"""Statuses, sources and facts in words for people."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_datetime, gettext, lazy_gettext

from webapp.tickets.relating.kinds import KINDS
from webapp.tickets.states import (
    CLOSED,
    FOR_REROUTING,
    HIGH,
    IN_PROGRESS,
    LOW,
    NORMAL,
    OPEN,
    PRIORITIES,
    RESOLVED,
    STATUSES,
    URGENT,
)

_STATUS_NAMES = {
    OPEN: lazy_gettext("Open"),
    IN_PROGRESS: lazy_gettext("In progress"),
    FOR_REROUTING: lazy_gettext("For rerouting"),
    RESOLVED: lazy_gettext("Resolved"),
    CLOSED: lazy_gettext("Closed"),
}
_PRIORITY_NAMES = {
    LOW: lazy_gettext("Low"),
    NORMAL: lazy_gettext("Normal"),
    HIGH: lazy_gettext("High"),
    URGENT: lazy_gettext("Urgent"),
}


def status_name(status: str) -> str:
    """The word on the badge; a status that is none of ours is given as it came."""
    return str(_STATUS_NAMES.get(status, status))


def status_choices() -> list[tuple[str, str]]:
    return [(status, status_name(status)) for status in STATUSES]


def status_for_reporter(status: str) -> str:
    """What the status means for the person who reported it."""
    return {
        OPEN: gettext("We have your report and will look at it."),
        IN_PROGRESS: gettext("Somebody is working on it."),
        FOR_REROUTING: gettext("It belongs to another office; we are passing it on."),
        RESOLVED: gettext("We believe that it is solved. If it is not, write to us below."),
        CLOSED: gettext("This report is closed. You can still write to us below."),
    }.get(status, status)


def source_name(source: str, name: str) -> str:
    """Where a ticket came from."""
    fixed = {
        "form": gettext("Report form"),
        "desk": gettext("Desk"),
        "import": gettext("Import"),
        "mail": gettext("E-mail"),
    }
    return name or fixed.get(source, source)


def priority_name(priority: int) -> str:
    return str(_PRIORITY_NAMES.get(priority, priority))


def priority_choices() -> list[tuple[str, str]]:
    return [(str(priority), priority_name(priority)) for priority in PRIORITIES]


def field_name(field: str) -> str:
    """A ticket's field as it is called on the page."""
    return {
        "title": gettext("Title"),
        "description": gettext("Description"),
        "category": gettext("Category"),
        "refined_category": gettext("Refined category"),
        "barangay": gettext("Barangay"),
        "place": gettext("Place"),
        "lat": gettext("Latitude"),
        "lng": gettext("Longitude"),
        "reporter_name": gettext("Reported by"),
        "reporter_email": gettext("E-mail"),
        "reporter_phone": gettext("Phone"),
        "control_number": gettext("Control number"),
        "source_url": gettext("Link to the report"),
        "source_name": gettext("Source"),
        "external_status": gettext("Status upstream"),
        "reported_at": gettext("Reported"),
        "resolved_at": gettext("Resolved"),
        "attachments": gettext("Attachments"),
        "priority": gettext("Priority"),
        "due_at": gettext("Due"),
        "team": gettext("Team"),
        "assignee": gettext("Assignee"),
        "tags": gettext("Tags"),
        "cluster": gettext("Cluster"),
        "waiting_for": gettext("Waiting for"),
    }.get(field, field)


def shown_value(value: str | None, field: str) -> str:
    """A field's value as an event keeps it, for people; "" for none."""
    if value and field in ("due_at", "reported_at", "resolved_at"):
        return str(format_datetime(datetime.fromisoformat(value), "d MMM y, HH:mm"))
    return value or ""


def relation_name(kind: str) -> str:
    """What this ticket is to the other one."""
    return {
        "relates": gettext("Relates to"),
        "blocks": gettext("Blocks"),
        "blocked_by": gettext("Is blocked by"),
        "duplicates": gettext("Duplicates"),
        "duplicated_by": gettext("Is duplicated by"),
        "parent": gettext("Is the parent of"),
        "child": gettext("Is a part of"),
    }.get(kind, kind)


def relation_choices() -> list[tuple[str, str]]:
    return [(kind, relation_name(kind)) for kind in reversed(KINDS)]
