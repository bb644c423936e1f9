"""Readings of what ties tickets to people and to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import aliased

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
    return list(db.session().scalars(_MERGED, {"ticket_id": ticket.id}))


def _merged() -> Select[Ticket]:
    """Level by level. Made once."""
    level = (
        select(Ticket.id, literal(1).label("depth"))
        .where(Ticket.merged_into_id == bindparam("ticket_id"))
        .cte("level", recursive=True)
    )
    below = aliased(Ticket)
    further = select(below.id, level.c.depth + 1).join(level, below.merged_into_id == level.c.id)
    all_levels = level.union_all(further)
    return (
        select(Ticket)
        .join(all_levels, all_levels.c.id == Ticket.id)
        .order_by(all_levels.c.depth, Ticket.id)
    )


_MERGED = _merged()


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
class Other:
    """Another ticket, as far as a link to it shows it."""

    id: int
    ref: str
    title: str
    status: str


@dataclass(frozen=True)
class Related:
    """Another ticket, and what it is to the one that is looked at: relates, blocks, blocked_by …"""

    relation_id: int
    kind: str
    ticket: Other


def _relations() -> CompoundSelect[*tuple[Any, ...]]:
    """Both directions of what one ticket is linked with. Made once."""
    own: BindParameter[int] = bindparam("ticket_id")
    shown = (Ticket.id, Ticket.ref, Ticket.title, Ticket.status)
    relation = (TicketRelation.id, TicketRelation.kind)
    forward = select(literal(1), *relation, *shown).join(
        Ticket, Ticket.id == TicketRelation.other_id
    )
    backward = select(literal(0), *relation, *shown).join(
        Ticket, Ticket.id == TicketRelation.ticket_id
    )
    return union_all(
        forward.where(TicketRelation.ticket_id == own),
        backward.where(TicketRelation.other_id == own),
    )


_RELATIONS = _relations()
_CHECKLIST = (
    select(ChecklistItem)
    .where(ChecklistItem.ticket_id == bindparam("ticket_id"))
    .order_by(ChecklistItem.position, ChecklistItem.id)
)


def related_to(ticket: Ticket) -> list[Related]:
    """What it is linked with, by kind and age."""
    rows = db.session().connection().execute(_RELATIONS, {"ticket_id": ticket.id})
    found = [
        Related(key, kind if is_forward else SEEN_FROM_THERE[kind], Other(*other))
        for is_forward, key, kind, *other in rows
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
    return db.session().scalars(_CHECKLIST, {"ticket_id": ticket.id}).all()
