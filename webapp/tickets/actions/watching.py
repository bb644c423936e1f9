"""Who follows a ticket besides the one who has it."""

from __future__ import annotations

from webapp.accounts.models import User
from webapp.core import db
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import TicketWatched
from webapp.tickets.models import Ticket


def watch(ticket: Ticket, *, user: User, actor: Actor) -> Event | None:
    """From now on `user` is told what the assignee is told. None where they watch it already."""
    if user in ticket.watchers:
        return None
    ticket.watchers.append(user)
    return _tell(ticket, user, actor, watches=True)


def unwatch(ticket: Ticket, *, user: User, actor: Actor) -> Event | None:
    if user not in ticket.watchers:
        return None
    ticket.watchers.remove(user)
    return _tell(ticket, user, actor, watches=False)


def _tell(ticket: Ticket, user: User, actor: Actor, *, watches: bool) -> Event:
    db.session().flush()
    fact = TicketWatched(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        user_id=user.id,
        name=user.name,
        watches=watches,
    )
    return record(fact, actor=actor)
