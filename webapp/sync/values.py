"""Ticket fields in one canonical, JSON-ready form, so that equality means agreement of the two sides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from webapp.tickets.models import Ticket
from webapp.tickets.values import TicketValues

Canonical = dict[str, Any]

# Where and when a ticket began is written once, and not the upstream's to change.
_ORIGIN = ("source", "source_name", "control_number", "resolved_at")

_NEVER_EMPTY = ("title", "reported_at")  # without one the desk has put its own, which stays


def of_values(checked: TicketValues) -> Canonical:
    """What the upstream says, as far as it says it. Attachments are known by their addresses."""
    found = {
        name: plain(value)
        for name, value in checked.given().items()
        if name not in _ORIGIN and (value or name not in _NEVER_EMPTY)
    }
    if "attachments" in checked.model_fields_set:
        found["attachments"] = [file.url for file in checked.attachments if file.url]
    return found


def of_ticket(ticket: Ticket, fields: Iterable[str]) -> Canonical:
    """The ticket's present values of those fields, attachments apart: they are only ever added."""
    return {name: plain(getattr(ticket, name)) for name in fields if name != "attachments"}


def plain(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.6f}"
    return value
