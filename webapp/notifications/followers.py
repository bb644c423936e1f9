"""Mails to those who follow somebody else's ticket: only what it is about in general, and its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Fact
from webapp.notifications import audience, outsiders
from webapp.notifications.outsiders import Outsider, Piece
from webapp.tickets.events import TicketStatusChanged
from webapp.tickets.models import Ticket
from webapp.tickets.portal.events import TicketFollowed
from webapp.tickets.portal.following import confirmed_followers, public_title
from webapp.tickets.portal.models import Follower


def mail_follower_confirm(event: Event, fact: Fact) -> None:
    """On TicketFollowed: whether the address wants it; until it says so, nothing else is sent there."""
    if isinstance(fact, TicketFollowed):
        follower = db.session().get_one(Follower, fact.follower_id)
        summary = gettext("Question to a follower of %(ref)s", ref=fact.ref)
        _mail("follower_confirm", follower, event=event, summary=summary, values={})


def mail_followers_status(event: Event, fact: Fact) -> None:
    """On TicketStatusChanged: from what to what."""
    for follower in confirmed_followers([fact.subject_id]):
        _mail_status(follower, event, fact)


@for_batches(mail_followers_status)
def mail_all_followers_status(batch: Batch) -> None:
    ids = [fact.subject_id for fact in batch.facts]
    followers = confirmed_followers(ids)
    if not followers:
        return
    by_ticket = {fact.subject_id: (event, fact) for event, fact in batch.each()}
    for follower in followers:
        _mail_status(follower, *by_ticket[follower.ticket_id])


def _mail_status(follower: Follower, event: Event, fact: Fact) -> None:
    if isinstance(fact, TicketStatusChanged):
        values = {
            "old_status": audience.status_word(fact.old),
            "new_status": audience.status_word(fact.new),
        }
        summary = gettext("New status to a follower of %(ref)s", ref=fact.ref)
        _mail("follower_status", follower, event=event, summary=summary, values=values)


def _mail(
    template: str, follower: Follower, *, event: Event, summary: str, values: Mapping[str, Any]
) -> None:
    ticket = db.session().get_one(Ticket, follower.ticket_id)
    asks = template == "follower_confirm"
    shared = {
        "desk": desk().name,
        "ref": ticket.ref,
        "title": public_title(ticket),
        "url": f"{settings.current().base_url}/following/{follower.token}",
    }
    auto_submitted = "auto-replied" if asks else "auto-generated"
    who = Outsider(f"follower:{follower.id}", follower.email)
    outsiders.mail(
        ticket.id,
        who,
        Piece(template, shared, values, summary, auto_submitted=auto_submitted, alone=asks),
        event_id=event.id,
        last=outsiders.last_of(ticket.id, who),
    )
