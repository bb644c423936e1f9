"""What follows for a ticket when a job of it is done: a reaction, listed in webapp/reactions."""

from __future__ import annotations

from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import Actor, Fact
from webapp.fieldwork.events import JobMoved
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import stands_for
from webapp.tickets.states import FINISHED, RESOLVED


def resolve_ticket(event: Event, fact: Fact) -> None:
    """By whoever closed the job. A ticket that is finished stays as it is."""
    if not isinstance(fact, JobMoved) or not fact.resolves:
        return
    ticket = db.session().get(Ticket, fact.ticket_id)
    if ticket is None:
        return
    ticket = stands_for(ticket)
    if ticket.status not in FINISHED:
        actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
        change_status(ticket, status=RESOLVED, actor=actor)
