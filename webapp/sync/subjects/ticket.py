"""Tickets, as sync sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_decimal, gettext, ngettext
from sqlalchemy import select

from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.sync import merge
from webapp.sync.subjects.rows import STATUS, Rows
from webapp.sync.subjects.subject import Face
from webapp.sync.values import Canonical, plain
from webapp.tickets.actions import import_tickets, update_from_upstream
from webapp.tickets.events import TicketEdited, TicketStatusChanged
from webapp.tickets.models import Attachment, Ticket
from webapp.tickets.states import FINISHED
from webapp.tickets.values import TicketValues, storable, storable_together
from webapp.tickets.words import field_name, status_choices

ATTACHMENTS = "attachments"

# Where and when a ticket began is written once, and not the upstream's to change.
_ORIGIN = frozenset({"source", "source_name", "control_number", "resolved_at"})
_APART = _ORIGIN | {"attachments"}
_NEVER_EMPTY = frozenset(
    {"title", "reported_at"}
)  # without one the desk has put its own, which stays


PERSONAL = frozenset(
    [
        "title",
        "description",
        "place",
        "lat",
        "lng",
        "reporter_name",
        "reporter_phone",
        "reporter_email",
        "source_url",
    ]
)


class TicketSubject(Rows[Ticket]):
    model, reported, number = Ticket, Ticket.reported_at, Ticket.ref
    kind = "ticket"
    additive = frozenset({ATTACHMENTS})
    personal = PERSONAL

    def connected(self, *, actor: Actor) -> None:
        """Tickets are what every desk has."""

    def check(self, fields: Mapping[str, Any]) -> TicketValues:
        return storable({**fields})

    def check_new(
        self,
        fields: Mapping[str, Any],
        *,
        source: str,
        source_name: str,
        external_id: str,
        parent: int | None = None,
    ) -> TicketValues:
        origin = {"source": source, "source_name": source_name, "control_number": external_id}
        return storable({**fields, **origin})

    def check_new_together(
        self, records: Mapping[str, Mapping[str, Any]], *, source: str, source_name: str
    ) -> Sequence[TicketValues] | None:
        origin = {"source": source, "source_name": source_name}
        return storable_together(
            [{**fields, **origin, "control_number": key} for key, fields in records.items()]
        )

    def canonical(self, checked: TicketValues) -> Canonical:
        """Attachments are known by their addresses."""
        found = checked.given(without=_APART)
        for name, value in found.items():
            if value.__class__ is not str:
                found[name] = plain(value)
        for name in _NEVER_EMPTY:
            if name in found and not found[name]:
                del found[name]
        if ATTACHMENTS in checked.model_fields_set:
            found[ATTACHMENTS] = [file.url for file in checked.attachments if file.url]
        return found

    def began_as(self, checked: TicketValues) -> Canonical:
        # An unknown status leaves the ticket as new ones are; that is what both sides start from.
        return {STATUS: checked.status, **self.canonical(checked)}

    def reported_at(self, checked: TicketValues) -> datetime | None:
        return checked.reported_at

    def is_open(self, fields: Mapping[str, Any]) -> bool:
        """One whose status we do not know counts as open."""
        return fields.get(STATUS) not in FINISHED

    def create(self, checked: Sequence[TicketValues], *, actor: Actor) -> list[int]:
        return import_tickets(checked, actor=actor)

    def present(self, local: Ticket, fields: Sequence[str]) -> Canonical:
        return {name: plain(getattr(local, name)) for name in fields if name != ATTACHMENTS}

    def gathered(self, ids: Sequence[int]) -> dict[int, Canonical]:
        found: dict[int, Canonical] = {each: {ATTACHMENTS: []} for each in ids}
        rows = db.session().execute(
            select(Attachment.ticket_id, Attachment.remote_url).where(
                Attachment.ticket_id.in_(ids), Attachment.remote_url.is_not(None)
            )
        )
        for ticket_id, url in rows:
            found[ticket_id][ATTACHMENTS].append(url or "")
        return found

    def update(self, local: Ticket, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
        wanted = dict(values)
        if ATTACHMENTS in wanted:  # in canonical form they are addresses
            files = wanted[ATTACHMENTS] or ()
            wanted[ATTACHMENTS] = [{"url": e} if isinstance(e, str) else e for e in files]
        return update_from_upstream(local, values=wanted, actor=actor)

    def move(self, local: Ticket, parent: int, *, actor: Actor) -> None:
        """It belongs to nothing."""

    def usual_owner(self, local: Ticket, field: str) -> str:
        """The status is ours once a person here has set it."""
        return merge.LOCAL if field == STATUS and local.status_is_ours else merge.UPSTREAM

    def fact_types(self, field: str = "") -> tuple[str, ...]:
        if not field:
            return (TicketStatusChanged.type, TicketEdited.type)
        return (TicketStatusChanged.type,) if field == STATUS else (TicketEdited.type,)

    def changed_in(self, event: Event) -> Sequence[str]:
        if event.type == TicketStatusChanged.type:
            return (STATUS,)
        return list(event.data.get("changes") or ()) if event.type == TicketEdited.type else ()

    def face(self, local: Ticket) -> Face:
        return Face(local.ref, local.title, "tickets.show_ticket", {"ref": local.ref})

    def counted(self, number: int) -> str:
        n = format_decimal(number)
        return str(ngettext("%(n)s ticket", "%(n)s tickets", number, n=n))

    def label(self, field: str) -> str:
        return gettext("Status") if field == STATUS else field_name(field)

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        return status_choices() if field == STATUS else ()


TICKET = TicketSubject()
