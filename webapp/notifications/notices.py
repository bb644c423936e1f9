"""Reactions that mail reporters. In the same transaction as the fact: the mail is queued if, and only if, it did."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Actor, Fact
from webapp.notifications import audience, outsiders
from webapp.notifications.outsiders import Outsider, Piece
from webapp.notifications.wishes import refuses_mail
from webapp.tickets.events import (
    TicketCreated,
    TicketResponded,
    TicketStatusChanged,
)
from webapp.tickets.models import Response, Ticket
from webapp.tickets.relating.queries import merged_into


def mail_reporter_received(event: Event, fact: Fact) -> None:
    """On TicketCreated: the report has arrived, and here is the link to follow it."""
    ticket = _for_reporter(event, fact)
    if ticket is not None and isinstance(fact, TicketCreated):
        _mail_reporter(
            "reporter_received",
            ticket,
            event=event,
            summary=gettext("Confirmation to the reporter of %(ref)s", ref=ticket.ref),
            auto_submitted="auto-replied",
            alone=True,
            place=ticket.place or ticket.barangay,
        )


@for_batches(mail_reporter_received)
def mail_reporters_received(batch: Batch) -> None:
    if batch.actor.kind == "connection":  # what came from an upstream is told by the upstream
        return
    for event, fact in batch.each():
        mail_reporter_received(event, fact)


def mail_reporter_status(event: Event, fact: Fact) -> None:
    """On TicketStatusChanged: from what to what."""
    ticket = _for_reporter(event, fact)
    if ticket is not None and isinstance(fact, TicketStatusChanged):
        _mail_reporter(
            "reporter_status",
            ticket,
            event=event,
            summary=gettext("New status to the reporter of %(ref)s", ref=ticket.ref),
            old_status=audience.status_word(fact.old),
            new_status=audience.status_word(fact.new),
        )


def mail_reporter_response(event: Event, fact: Fact) -> None:
    """On TicketResponded by anybody but the reporter: what was answered, to the reporters of merged tickets, too."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    if not isinstance(fact, TicketResponded) or not audience.mails_reporter(fact, actor=actor):
        return
    answered = db.session().get_one(Ticket, fact.subject_id)
    response = db.session().get_one(Response, fact.response_id)
    told: set[str] = set()
    for ticket in (answered, *merged_into(answered)):
        address = ticket.reporter_email.lower()
        if (
            address and address not in told and _wants_mail(ticket)
        ):  # one person may have reported it twice
            told.add(address)
            _mail_reporter(
                "reporter_response",
                ticket,
                event=event,
                summary=gettext("Response to the reporter of %(ref)s", ref=ticket.ref),
                author=response.author_name,
                text=response.body,
            )


def _for_reporter(event: Event, fact: Fact) -> Ticket | None:
    """The ticket, when its reporter is to be mailed and can be."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    if not audience.mails_reporter(fact, actor=actor):
        return None
    ticket = db.session().get_one(Ticket, fact.subject_id)
    return ticket if ticket.reporter_email and _wants_mail(ticket) else None


def _wants_mail(ticket: Ticket) -> bool:
    return not refuses_mail(f"ticket:{ticket.id}", role="reporter")


def _mail_reporter(
    template: str,
    ticket: Ticket,
    *,
    event: Event,
    summary: str,
    auto_submitted: str = "auto-generated",
    alone: bool = False,
    **own: Any,
) -> None:
    shared = {
        "desk": desk().name,
        "ref": ticket.ref,
        "title": ticket.title,
        "name": ticket.reporter_name,
        "url": f"{settings.current().base_url}/follow/{ticket.follow_token}",
    }
    outsiders.mail(
        ticket,
        Outsider("reporter", ticket.reporter_email, ticket.reporter_name),
        Piece(template, shared, own, summary, auto_submitted=auto_submitted, alone=alone),
        event_id=event.id,
    )
