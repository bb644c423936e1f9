"""Who has to see to a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.tickets.models import Ticket


def responsible_for(ticket: Ticket) -> Sequence[User]:
    """Whoever has it, else its team; for what nobody has, those who run the desk."""
    if ticket.assignee is not None and ticket.assignee.active:
        return [ticket.assignee]
    members = [each for each in ticket.team.members if each.active] if ticket.team else []
    return members or people_who_may(Permission.DESK_MANAGE)
