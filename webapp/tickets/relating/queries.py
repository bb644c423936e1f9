"""Readings of what ties tickets to people and to each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.tickets.models import Ticket
from webapp.tickets.relating.models import ticket_watcher


def watchers_of(ticket: Ticket) -> Sequence[User]:
    """Who watches it and may still see it, by name."""
    query = select(User).join(ticket_watcher, ticket_watcher.c.user_id == User.id)
    found = db.session().scalars(
        query.where(ticket_watcher.c.ticket_id == ticket.id).order_by(User.name, User.id)
    )
    return [user for user in found.unique() if user.may(Permission.TICKETS_SEE)]
