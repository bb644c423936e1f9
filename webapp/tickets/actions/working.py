"""What staff decide about a ticket: its status, what it is about, and whose it is."""

from __future__ import annotations

from datetime import datetime

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import TicketAssigned, TicketEdited, TicketStatusChanged
from webapp.tickets.models import Ticket
from webapp.tickets.states import FINISHED, check_move
from webapp.tickets.values import as_text


def change_status(
    ticket: Ticket, *, status: str, actor: Actor, from_upstream: bool = False
) -> Event | None:
    """Move `ticket` to `status`. None, and nothing happens, when it already is there.

    A person's decision makes the status ours. `from_upstream`: the upstream's word was taken, or
    another ticket's, so that whose status it is stays as it was. Raises IllegalTransition.
    """
    if status == ticket.status:
        return None
    check_move(ticket.status, status)
    old, now = ticket.status, clock.now()
    set_status(ticket, status, at=now)
    ticket.updated_at = now
    if actor.is_person and not from_upstream:
        ticket.status_is_ours = True
    fact = TicketStatusChanged(
        subject_id=ticket.id, ref=ticket.ref, title=ticket.title, old=old, new=status
    )
    return record(fact, actor=actor)


def refine_category(ticket: Ticket, *, refined: str, actor: Actor) -> Event | None:
    """Say more exactly what `ticket` is about. None when it says so already."""
    old = ticket.refined_category
    if refined == old:
        return None
    ticket.refined_category = refined
    ticket.updated_at = clock.now()
    db.session().flush()
    fact = TicketEdited(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        changes={"refined_category": [as_text(old), as_text(refined)]},
    )
    return record(fact, actor=actor)


def set_status(ticket: Ticket, status: str, *, at: datetime) -> None:
    """Status and time of resolution, which a re-opened ticket loses."""
    if status in FINISHED:
        ticket.resolved_at = ticket.resolved_at or at
    else:
        ticket.resolved_at = None
    ticket.status = status


def assign(ticket: Ticket, *, assignee: User | None, actor: Actor) -> Event | None:
    """Hand `ticket` to `assignee`, or to nobody. None when it is already so."""
    new_id = assignee.id if assignee else None
    if new_id == ticket.assignee_id:
        return None
    old = ticket.assignee.name if ticket.assignee else ""
    ticket.assignee = assignee
    ticket.updated_at = clock.now()
    db.session().flush()
    fact = TicketAssigned(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        old=old,
        new=assignee.name if assignee else "",
        assignee_id=new_id,
    )
    return record(fact, actor=actor)
