"""Readings of what ties tickets to people and to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.tickets.models import Ticket
from webapp.tickets.relating.kinds import KINDS, PARENT, SEEN_FROM_THERE
from webapp.tickets.relating.models import ChecklistItem, TicketRelation, ticket_watcher
from webapp.tickets.states import UNFINISHED


def watchers_of(ticket: Ticket) -> Sequence[User]:
    """Who watches it, or one that it stands for, and may still see it; by name."""
    ids = [ticket.id, *(merged.id for merged in merged_into(ticket))]
    watching = select(ticket_watcher.c.user_id).where(ticket_watcher.c.ticket_id.in_(ids))
    query = select(User).where(User.id.in_(watching)).order_by(User.name, User.id)
    return [user for user in db.session().scalars(query) if user.may(Permission.TICKETS_SEE)]


def merged_into(ticket: Ticket) -> list[Ticket]:
    """The tickets that this one stands for too: those merged into it, and into those; oldest first."""
    found: list[Ticket] = []
    level = [ticket.id]
    while level:
        query = select(Ticket).where(Ticket.merged_into_id.in_(level)).order_by(Ticket.id)
        children = db.session().scalars(query).all()
        found += children
        level = [child.id for child in children]
    return found


def stands_for(ticket: Ticket) -> Ticket:
    """The ticket that stands for this one now: itself, unless it was merged."""
    while ticket.merged_into_id is not None:
        ticket = db.session().get_one(Ticket, ticket.merged_into_id)
    return ticket


def ticket_numbered(text: str) -> Ticket | None:
    """By its reference, or the last figures of it. Who asks may see tickets: that is checked before."""
    number = text.strip().upper()
    query = select(Ticket).where(Ticket.ref == number)
    if number.isascii() and number.isdecimal() and len(number) < 18:
        query = select(Ticket).where(Ticket.id == int(number))
    return db.session().scalar(query)


@dataclass(frozen=True)
class Related:
    """Another ticket, and what it is to the one that is looked at: relates, blocks, blocked_by …"""

    relation_id: int
    kind: str
    ticket: Ticket


def related_to(ticket: Ticket) -> list[Related]:
    """What it is linked with, by kind and age."""
    forward = select(TicketRelation, Ticket).join(Ticket, Ticket.id == TicketRelation.other_id)
    backward = select(TicketRelation, Ticket).join(Ticket, Ticket.id == TicketRelation.ticket_id)
    session = db.session()
    found = [
        Related(relation.id, relation.kind, other)
        for relation, other in session.execute(forward.where(TicketRelation.ticket_id == ticket.id))
    ] + [
        Related(relation.id, SEEN_FROM_THERE[relation.kind], other)
        for relation, other in session.execute(backward.where(TicketRelation.other_id == ticket.id))
    ]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.ticket.id))


def unfinished_children(ticket: Ticket) -> list[Ticket]:
    """Its children that are not finished."""
    query = (
        select(Ticket)
        .join(TicketRelation, TicketRelation.other_id == Ticket.id)
        .where(
            TicketRelation.ticket_id == ticket.id,
            TicketRelation.kind == PARENT,
            Ticket.status.in_(UNFINISHED),
        )
    )
    return list(db.session().scalars(query.order_by(Ticket.id)))


def checklist_of(ticket: Ticket) -> Sequence[ChecklistItem]:
    query = select(ChecklistItem).where(ChecklistItem.ticket_id == ticket.id)
    return db.session().scalars(query.order_by(ChecklistItem.position, ChecklistItem.id)).all()
