"""The list of tickets: what fits, in an order, a page at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.pagination import Page
from webapp.core.plain import Plain
from webapp.tickets.models import Team, Ticket
from webapp.tickets.queries import ordering
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import Matching, conditions
from webapp.tickets.states import STATUSES

ROWS = 50
COUNTED_UP_TO = 1000  # a count above it is shown as "1000+"

Listed = Row[
    Any
]  # what _LISTED selects: plain rows, since fifty objects take as long as the rest of the page
_target = aliased(Ticket)
_LISTED: Select[*tuple[Any, ...]] = (
    select(
        Ticket.id,
        Ticket.ref,
        Ticket.title,
        Ticket.status,
        Ticket.category,
        Ticket.barangay,
        Ticket.place,
        Ticket.lat,
        Ticket.reporter_name,
        Ticket.source,
        Ticket.source_name,
        Ticket.priority,
        Ticket.reported_at,
        Ticket.created_at,
        Ticket.updated_at,
        Ticket.due_at,
        Ticket.respond_by,
        Ticket.resolve_by,
        Ticket.paused_since,
        User.name.label("assignee"),
        Team.name.label("team"),
        _target.ref.label("merged_into"),
    )
    .outerjoin(User, User.id == Ticket.assignee_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(_target, _target.id == Ticket.merged_into_id)
)
_STATUSES = union_all(*(select(literal(each).label("status")) for each in STATUSES)).subquery(
    "each"
)


def tickets_page(wanted: Matching, *, after: str | None = None) -> Page[Listed]:
    """50 tickets in the order that was asked for, after the position `after`."""
    order = ordering.of(wanted.filters.sort)
    beyond, values = order.after(after) if after else (None, {})
    plain = wanted.statements.get(beyond)
    if plain is None:
        query = _LISTED.where(*wanted.conditions, *wanted.of_status)
        query = query.order_by(*order.by).limit(ROWS + 1)
        if beyond is not None:
            query = query.where(beyond)
        wanted.statements[beyond] = plain = Plain(query)
    rows = plain.all(values)
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    return Page(rows, order.position(rows[-1]) if more else None)


def count_by_status(wanted: Matching) -> dict[str, int]:
    """status → how many fit the other filters, counted up to COUNTED_UP_TO + 1, in one statement."""
    plain = wanted.statements.get("counts")
    if plain is None:
        plain = wanted.statements["counts"] = Plain(_counts(*wanted.conditions))
    return dict(plain.all({"most": COUNTED_UP_TO + 1}))


def _counts(*conditions: ColumnElement[bool]) -> Select[str, int]:
    some = (
        select(Ticket.id)
        .where(Ticket.status == _STATUSES.c.status, *conditions)
        .correlate(_STATUSES)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    count = select(func.count()).select_from(some).scalar_subquery()
    return select(_STATUSES.c.status, count)


def count_matching(user: User, filters: Filters) -> int:
    """As `count_by_status`, of what one list shows."""
    some = select(Ticket.id).where(*conditions(user, filters)).limit(COUNTED_UP_TO + 1)
    return db.session().scalar(select(func.count()).select_from(some.subquery())) or 0
