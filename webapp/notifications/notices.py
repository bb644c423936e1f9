"""Reactions that mail reporters. In the same transaction as the fact: the mail is queued if, and only if, it did."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Actor, Fact
from webapp.notifications import around, audience, outsiders
from webapp.notifications.around import Report
from webapp.notifications.outsiders import Outsider, Piece
from webapp.tickets.events import (
    TicketCreated,
    TicketResponded,
    TicketStatusChanged,
)
from webapp.tickets.models import Response, Ticket


def mail_reporter_received(event: Event, fact: Fact) -> None:
    """On TicketCreated: the report has arrived, and here is the link to follow it."""
    report = _for_reporter(event, fact)
    if report is not None and isinstance(fact, TicketCreated):
        ticket = db.session().get_one(Ticket, fact.subject_id)
        _mail_reporter(
            "reporter_received",
            report,
            event=event,
            summary=gettext("Confirmation to the reporter of %(ref)s", ref=report.ref),
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
    report = _for_reporter(event, fact)
    if report is not None and isinstance(fact, TicketStatusChanged):
        _mail_reporter(
            "reporter_status",
            report,
            event=event,
            summary=gettext("New status to the reporter of %(ref)s", ref=report.ref),
            old_status=audience.status_word(fact.old),
            new_status=audience.status_word(fact.new),
        )


def mail_reporter_response(event: Event, fact: Fact) -> None:
    """On TicketResponded by anybody but the reporter: what was answered, to the reporters of merged tickets, too."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    if not isinstance(fact, TicketResponded) or not audience.mails_reporter(fact, actor=actor):
        return
    response = db.session().get_one(Response, fact.response_id)
    told: set[str] = set()
    for report in around.of_fact(event.id, fact.subject_id).reports[fact.subject_id]:
        address = report.email.lower()
        if address and address not in told and not report.refuses:
            told.add(address)  # one person may have reported it twice
            _mail_reporter(
                "reporter_response",
                report,
                event=event,
                summary=gettext("Response to the reporter of %(ref)s", ref=report.ref),
                author=response.author_name,
                text=response.body,
            )


def _for_reporter(event: Event, fact: Fact) -> Report | None:
    """The ticket as they know it, when its reporter is to be mailed and can be."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    if not audience.mails_reporter(fact, actor=actor):
        return None
    if not db.session().get_one(Ticket, fact.subject_id).reporter_email:
        return None
    report = around.of_fact(event.id, fact.subject_id).reports[fact.subject_id][0]
    return None if report.refuses else report


def _mail_reporter(
    template: str,
    report: Report,
    *,
    event: Event,
    summary: str,
    auto_submitted: str = "auto-generated",
    alone: bool = False,
    **own: Any,
) -> None:
    shared = {
        "desk": desk().name,
        "ref": report.ref,
        "title": report.title,
        "name": report.name,
        "url": f"{settings.current().base_url}/follow/{report.follow_token}",
    }
    outsiders.mail(
        report.id,
        Outsider("reporter", report.email, report.name),
        Piece(template, shared, own, summary, auto_submitted=auto_submitted, alone=alone),
        event_id=event.id,
        last=report.last,
    )
