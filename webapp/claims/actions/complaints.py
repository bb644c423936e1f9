"""Complaints (T13): tickets that are about a bulletin. What becomes of the ticket stands in the bulletin's history."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from webapp.claims.events import ComplaintMoved, ComplaintTied
from webapp.claims.models import Bulletin, Complaint
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches, record, record_many
from webapp.events.types import Actor, Fact
from webapp.tickets.events import TicketStatusChanged
from webapp.tickets.models import Ticket


def tie_complaint(ticket: Ticket, bulletin: Bulletin, *, actor: Actor) -> Event | None:
    """From now on `ticket` (locked by the caller) is about `bulletin`. None when it already is.

    Raises Conflict where it is about another one.
    """
    session = db.session()
    tied = session.scalar(select(Complaint).where(Complaint.ticket_id == ticket.id))
    if tied is not None and tied.bulletin_id == bulletin.id:
        return None
    if tied is not None:
        raise Conflict(
            gettext(
                "%(ref)s is about the bulletin %(number)s. Untie it there first.",
                ref=ticket.ref,
                number=tied.bulletin.number,
            )
        )
    session.add(Complaint(ticket_id=ticket.id, bulletin_id=bulletin.id, created_at=clock.now()))
    session.flush()
    return record(_tied(ticket, bulletin, tied=True), actor=actor)


def untie_complaint(ticket: Ticket, *, actor: Actor) -> Event | None:
    """`ticket` (locked by the caller) is about no bulletin any more. None when it was about none."""
    session = db.session()
    tied = session.scalar(select(Complaint).where(Complaint.ticket_id == ticket.id))
    if tied is None:
        return None
    bulletin = tied.bulletin
    session.delete(tied)
    session.flush()
    return record(_tied(ticket, bulletin, tied=False), actor=actor)


def tell_bulletin(event: Event, fact: Fact) -> None:
    """A ticket's status changed: the bulletin that it is about has it in its history."""
    record_many(_moved([fact]), actor=_actor_of(event))


@for_batches(tell_bulletin)
def tell_bulletins(batch: Batch) -> None:
    record_many(_moved(batch.facts), actor=batch.actor)


def _moved(facts: Sequence[Fact]) -> list[ComplaintMoved]:
    moves = [fact for fact in facts if isinstance(fact, TicketStatusChanged)]
    rows = db.session().execute(
        select(Complaint.ticket_id, Bulletin.id, Bulletin.number)
        .join(Bulletin, Bulletin.id == Complaint.bulletin_id)
        .where(Complaint.ticket_id.in_([move.subject_id for move in moves]))
    )
    tied = {ticket_id: (bulletin_id, number) for ticket_id, bulletin_id, number in rows}
    return [
        ComplaintMoved(
            subject_id=tied[move.subject_id][0],
            ref=tied[move.subject_id][1],
            ticket=move.ref,
            ticket_id=move.subject_id,
            old=move.old,
            new=move.new,
        )
        for move in moves
        if move.subject_id in tied
    ]


def _actor_of(event: Event) -> Actor:
    return Actor(event.actor_kind, event.actor_id, event.actor_name)


def _tied(ticket: Ticket, bulletin: Bulletin, *, tied: bool) -> ComplaintTied:
    return ComplaintTied(
        subject_id=bulletin.id,
        ref=bulletin.number,
        ticket=ticket.ref,
        ticket_id=ticket.id,
        tied=tied,
    )
