"""The list of tickets: what fits, in an order, a page at a time."""

from __future__ import annotations

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import defer, joinedload

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.pagination import Page
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ordering
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import Matching, conditions
from webapp.tickets.states import STATUSES

ROWS = 50
COUNTED_UP_TO = 1000  # a count above it is shown as "1000+"


def tickets_page(wanted: Matching, *, after: str | None = None) -> Page[Ticket]:
    """50 tickets in the order that was asked for, after the position `after`."""
    order = ordering.of(wanted.filters.sort)
    query = (
        select(Ticket)
        .where(*wanted.conditions, *wanted.of_status)
        .options(joinedload(Ticket.assignee), defer(Ticket.description))
        .order_by(*order.by)
        .limit(ROWS + 1)
    )
    if after:
        query = query.where(order.after(after))
    rows = db.session().scalars(query).all()
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    return Page(rows, order.position(rows[-1]) if more else None)


def count_by_status(wanted: Matching) -> dict[str, int]:
    """status → how many fit the other filters, counted up to COUNTED_UP_TO + 1, in one statement."""
    counts = []
    for status in STATUSES:
        some = (
            select(Ticket.id)
            .where(Ticket.status == status, *wanted.conditions)
            .limit(COUNTED_UP_TO + 1)
        ).subquery()
        counts.append(select(literal(status), func.count()).select_from(some))
    return {status: count for status, count in db.session().execute(union_all(*counts))}  # noqa: C416


def count_matching(user: User, filters: Filters) -> int:
    """As `count_by_status`, of what one list shows."""
    some = select(Ticket.id).where(*conditions(user, filters)).limit(COUNTED_UP_TO + 1)
    return db.session().scalar(select(func.count()).select_from(some.subquery())) or 0
