"""Why tickets that a list showed no longer stand in it."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.core import db
from webapp.tickets import words
from webapp.tickets.models import Ticket
from webapp.tickets.queries.filters import ALL, ME, Filters
from webapp.tickets.queries.finding import conditions
from webapp.tickets.states import UNFINISHED


def reasons_of(user: User, filters: Filters, ids: Sequence[int]) -> dict[int, str]:
    """ticket → a few words. Those that still fit, and only moved to another page, are left out."""
    within = Ticket.id.in_(ids)
    still = set(db.session().scalars(select(Ticket.id).where(within, *conditions(user, filters))))
    query = select(Ticket).where(within, Ticket.id.not_in(still))
    there = db.session().scalars(
        query.options(joinedload(Ticket.assignee), joinedload(Ticket.team))
    )
    found = {
        ticket.id: _merged(ticket, filters) or _reason(ticket, filters, user) for ticket in there
    }
    gone = dict.fromkeys(set(ids) - still - found.keys(), gettext("no longer here"))
    return found | gone


def _merged(ticket: Ticket, filters: Filters) -> str:
    hidden = ticket.merged_into_id is not None and not (filters.merged or filters.q)
    return gettext("merged into another") if hidden else ""


def _reason(ticket: Ticket, filters: Filters, user: User) -> str:
    if not _fits_status(ticket.status, filters.status):
        return gettext("now: %(status)s", status=words.status_name(ticket.status))
    if filters.assignee and ticket.assignee_id != (
        user.id if filters.assignee == ME else _key(filters.assignee)
    ):
        name = ticket.assignee.name if ticket.assignee else gettext("nobody")
        return gettext("now with %(name)s", name=name)
    if filters.team and ticket.team_id != _key(filters.team):
        return gettext(
            "now with %(name)s", name=ticket.team.name if ticket.team else gettext("no team")
        )
    if filters.category and ticket.category != filters.category:
        return gettext("now: %(status)s", status=ticket.category or gettext("no category"))
    if filters.priority and str(ticket.priority) != filters.priority:
        return gettext("now: %(status)s", status=words.priority_name(ticket.priority))
    return gettext("no longer fits the filters")


def _fits_status(status: str, wanted: str) -> bool:
    return wanted in (ALL, status) or (not wanted and status in UNFINISHED)


def _key(value: str) -> int | None:
    return int(value) if value.isdecimal() else None
