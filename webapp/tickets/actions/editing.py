"""Staff correct what a ticket says: its words, where it is, and who reports it."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.core import clock
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import TicketEdited
from webapp.tickets.models import Ticket
from webapp.tickets.values import as_text

EDITABLE = (
    "title",
    "description",
    "category",
    "barangay",
    "place",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
)


def edit_ticket(ticket: Ticket, values: Mapping[str, str], *, actor: Actor) -> Event | None:
    """Set those of EDITABLE that `values` names; one fact for all. None where nothing changes."""
    changes: dict[str, list[str | None]] = {}
    for field in EDITABLE:
        old = getattr(ticket, field)
        new = values.get(field, old)
        if new != old:
            setattr(ticket, field, new)
            changes[field] = [as_text(old), as_text(new)]
    if not changes:
        return None
    ticket.updated_at = clock.now()
    fact = TicketEdited(subject_id=ticket.id, ref=ticket.ref, title=ticket.title, changes=changes)
    return record(fact, actor=actor)
