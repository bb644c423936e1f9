"""The list of tickets: filtered, newest first, a page at a time, with what its filters offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import defer, joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db, pagination
from webapp.core.distinct import values_of
from webapp.core.pagination import Page
from webapp.tickets.models import Category, Ticket
from webapp.tickets.states import STATUSES, UNFINISHED

ROWS = 50
COUNTED_UP_TO = 1000  # a count above it is shown as "1000+"
MOST_CHOICES = 200

UNFINISHED_ONES = ""  # the filter's default
ALL = "all"


@dataclass(frozen=True)
class Filters:
    """As they stand in the address. `status`: "" open ones, "all", or one status."""

    status: str = UNFINISHED_ONES
    category: str = ""
    source: str = ""
    q: str = ""
    assignee: str = ""  # me

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Filters:
        """From the address; what is unknown there is left out."""
        status = args.get("status", "")
        return cls(
            status=status if status in (*STATUSES, ALL) else UNFINISHED_ONES,
            category=args.get("category", "")[:200],
            source=args.get("source", "")[:30],
            q=args.get("q", "").strip()[:200],
            assignee="me" if args.get("assignee") == "me" else "",
        )

    def as_args(self, **changed: str) -> dict[str, Any]:
        """For url_for: what differs from the default, with some of it changed."""
        values = {**self.__dict__, **changed}
        return {name: value for name, value in values.items() if value}

    @property
    def narrowed(self) -> bool:
        return bool(self.category or self.source or self.q or self.assignee)


def tickets_page(user: User, filters: Filters, *, after: str | None = None) -> Page[Ticket]:
    """50 tickets that `user` may see, newest first, after the position `after`."""
    query = (
        select(Ticket)
        .where(*conditions(user, filters))
        .options(joinedload(Ticket.assignee), defer(Ticket.description))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(ROWS + 1)
    )
    if after:
        created_at, ticket_id = pagination.decode(after)
        position = tuple_(Ticket.created_at, Ticket.id)
        query = query.where(
            position < tuple_(literal(created_at, Ticket.created_at.type), ticket_id)
        )
    rows = db.session().scalars(query).all()
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    return Page(rows, pagination.encode(rows[-1].created_at, rows[-1].id) if more else None)


def count_by_status(user: User, filters: Filters) -> dict[str, int]:
    """status → how many fit the other filters, counted up to COUNTED_UP_TO + 1, in one statement."""
    matching = _matching(user, filters)
    counts = []
    for status in STATUSES:
        some = (
            select(Ticket.id).where(Ticket.status == status, *matching).limit(COUNTED_UP_TO + 1)
        ).subquery()
        counts.append(select(literal(status), func.count()).select_from(some))
    return {status: count for status, count in db.session().execute(union_all(*counts))}  # noqa: C416


def categories_in_use() -> Sequence[str]:
    """Every category that a ticket has, at most 200."""
    values = values_of(Ticket.category)
    return db.session().scalars(select(values.c.value).limit(MOST_CHOICES)).all()


def sources_in_use() -> Sequence[tuple[str, str]]:
    """(source, its name) of every place that tickets came from."""
    values = values_of(Ticket.source)
    name = select(Ticket.source_name).where(Ticket.source == values.c.value).limit(1)
    query = select(values.c.value, name.scalar_subquery()).limit(MOST_CHOICES)
    return [(source, name or "") for source, name in db.session().execute(query)]


def active_categories() -> list[str]:
    """What a reporter may choose."""
    query = select(Category.name).where(Category.active.is_(True))
    return list(db.session().scalars(query.order_by(Category.position, Category.name)))


def conditions(user: User, filters: Filters) -> list[ColumnElement[bool]]:
    """What makes a ticket one of the list, for those who do something with all of it."""
    return [*_matching(user, filters), *_of_status(filters.status)]


def _matching(user: User, filters: Filters) -> list[ColumnElement[bool]]:
    if not user.may(Permission.TICKETS_SEE):
        return [literal(value=False)]
    wanted: list[ColumnElement[bool]] = []
    if filters.category:
        wanted.append(Ticket.category == filters.category)
    if filters.source:
        wanted.append(Ticket.source == filters.source)
    if filters.assignee:
        wanted.append(Ticket.assignee_id == user.id)
    if filters.q:
        columns = (Ticket.title, Ticket.description, Ticket.ref, Ticket.control_number)
        wanted.append(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    return wanted


def _of_status(status: str) -> list[ColumnElement[bool]]:
    if status == ALL:
        return []
    return [Ticket.status.in_(UNFINISHED)] if not status else [Ticket.status == status]
