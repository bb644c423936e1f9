"""What the lists of the claim side share: a page, counts of the tabs, sums of what is filtered, choices of filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute

from webapp.claims.models import Bordereau, Bulletin, Client
from webapp.core import db, pagination
from webapp.core.distinct import values_of
from webapp.core.money import ZERO
from webapp.core.pagination import Page

ROWS = 50
COUNTED_UP_TO = 1000  # a tab's count above it is shown as "1000+"
SUMMED_UP_TO = 200_000  # of more rows no sum is given: a wrong one would be worse
MOST_CHOICES = 300
_CHUNK = 500

Row = TypeVar("Row", Bordereau, Bulletin)
Where = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Sums:
    """Of one currency. `amounts`: as many as were asked for."""

    currency: str
    count: int
    amounts: tuple[Decimal, ...]


def page_of(query: Select[Row], order: _Order, after: str | None) -> Page[Row]:
    """The 50 rows of `query` after the position `after`, newest first."""
    if after:
        query = query.where(order.after(*pagination.decode(after)))
    rows = db.session().scalars(order.sorted(query).limit(ROWS + 1)).all()
    more, rows = len(rows) > ROWS, rows[:ROWS]
    return Page(rows, pagination.encode(order.key_of(rows[-1]), rows[-1].id) if more else None)


def all_of(query: Select[Row], order: _Order) -> Iterator[Row]:
    """Every row of `query`, some at a time, so that a file of any length needs little memory."""
    piece = query
    while True:
        rows = db.session().scalars(order.sorted(piece).limit(_CHUNK)).all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        piece = query.where(order.after(order.key_of(rows[-1]), rows[-1].id))
        for row in rows:
            db.session().expunge(row)


@dataclass(frozen=True)
class _Order:
    """Newest first by `column`, then by key."""

    model: Any
    column: InstrumentedAttribute[Any]

    def sorted(self, query: Select[Row]) -> Select[Row]:
        return query.order_by(self.column.desc(), self.model.id.desc())

    def after(self, key: date, row_id: int) -> ColumnElement[bool]:
        if isinstance(key, datetime) and self.column is Bordereau.received_on:
            key = key.date()
        position = tuple_(literal(key, self.column.type), row_id)
        return tuple_(self.column, self.model.id) < position

    def key_of(self, row: Bordereau | Bulletin) -> date:
        key: date = getattr(row, self.column.key)
        return key


BORDEREAUX = _Order(Bordereau, Bordereau.received_on)
BULLETINS = _Order(Bulletin, Bulletin.created_at)


def count_by(
    column: InstrumentedAttribute[str], values: Sequence[str], where: Where, *, searched: bool
) -> dict[str, int]:
    """value → how many rows have it, in one statement.

    Counted up to COUNTED_UP_TO + 1 along an index; where no index helps (`searched`) all rows are read once.
    """
    if searched:
        each = [func.count().filter(column == value) for value in values]
        found = db.session().execute(select(*each).where(*where)).one()
        return dict(zip(values, found, strict=True))
    counts = []
    for value in values:
        some = select(column.class_.id).where(column == value, *where).limit(COUNTED_UP_TO + 1)
        counts.append(select(literal(value), func.count()).select_from(some.subquery()))
    return {value: count for value, count in db.session().execute(union_all(*counts))}  # noqa: C416


def sums_of(model: Any, columns: Sequence[InstrumentedAttribute[Any]], where: Where) -> list[Sums]:
    """Exact sums of `columns`, one for each currency; none where more rows fit than are summed."""
    some = select(model.currency, *columns).where(*where).limit(SUMMED_UP_TO + 1).subquery()
    amounts = [func.sum(some.c[column.key]) for column in columns]
    rows = db.session().execute(
        select(some.c.currency, func.count(), *amounts)
        .group_by(some.c.currency)
        .order_by(some.c.currency)
    )
    found = [Sums(row[0], row[1], tuple(each or ZERO for each in row[2:])) for row in rows]
    return found if sum(each.count for each in found) <= SUMMED_UP_TO else []


def clients_in_use(*, chosen: int = 0) -> list[tuple[int, str]]:
    """(key, name) of the clients, by name; the chosen one always."""
    query = select(Client.id, Client.name).order_by(Client.name).limit(MOST_CHOICES)
    found = [(key, name) for key, name in db.session().execute(query)]
    if chosen and all(key != chosen for key, _ in found):
        client = db.session().get(Client, chosen)
        found += [(client.id, client.name)] if client else []
    return found


def sources_in_use(model: type[Bordereau] | type[Bulletin]) -> list[tuple[str, str]]:
    """(source, its name) of every place that rows came from."""
    values = values_of(model.source)
    name = select(model.source_name).where(model.source == values.c.value).limit(1)
    query = select(values.c.value, name.scalar_subquery()).limit(MOST_CHOICES)
    return [(source, name or source) for source, name in db.session().execute(query)]
