"""Tickets that should never have been: made by an import that is undone, and touched by nobody since."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from webapp.core import db
from webapp.events.record import record_many
from webapp.events.types import Actor
from webapp.tickets.events import TicketWithdrawn
from webapp.tickets.models import Ticket


def withdraw(tickets: Sequence[Ticket], *, actor: Actor) -> None:
    """Delete them; that they were, their events still tell. Their numbers are never given again."""
    if not tickets:
        return
    facts = [TicketWithdrawn(subject_id=t.id, ref=t.ref, title=t.title) for t in tickets]
    ids = [ticket.id for ticket in tickets]
    _keep_numbers()
    session = db.session()
    for ticket in tickets:
        session.expunge(ticket)
    session.execute(delete(Ticket).where(Ticket.id.in_(ids)))
    record_many(facts, actor=actor)


def _keep_numbers() -> None:
    session = db.session()
    last = session.scalar(select(func.max(Ticket.id))) or 0
    mark = session.get(db.KeyMark, Ticket.__tablename__)
    if mark is None:
        session.add(db.KeyMark(name=Ticket.__tablename__, last=last))
    else:
        mark.last = max(mark.last, last)
    session.flush()
