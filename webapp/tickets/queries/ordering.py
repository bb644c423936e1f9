"""The orders that a list can have, each with the position that its next page goes on from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, UnaryExpression, and_, literal, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core import pagination
from webapp.tickets.models import Ticket
from webapp.tickets.queries.filters import DUE, NEWEST, OLDEST, PRIORITY, UPDATED


@dataclass(frozen=True)
class Order:
    by: tuple[UnaryExpression[Any], ...]
    column: InstrumentedAttribute[Any]
    beyond: Callable[[Any, int], ColumnElement[bool]]  # what stands after (key, id)
    keys: tuple[type, ...] = (datetime,)

    def after(self, position: str) -> ColumnElement[bool]:
        """Raises Invalid for a position that we did not make, or made for another order."""
        key, row_id = pagination.decode_key(position)
        if not isinstance(key, self.keys):
            raise pagination.damaged()
        return self.beyond(key, row_id)

    def position(self, ticket: Ticket | Row[*tuple[Any, ...]]) -> str:
        return pagination.encode(getattr(ticket, self.column.key), ticket.id)


def of(sort: str) -> Order:
    return _ORDERS.get(sort, _ORDERS[NEWEST])


def _falling(column: InstrumentedAttribute[Any], key: type = datetime) -> Order:
    def beyond(key: Any, row_id: int) -> ColumnElement[bool]:
        return tuple_(column, Ticket.id) < tuple_(literal(key, column.type), row_id)

    return Order((column.desc(), Ticket.id.desc()), column, beyond, (key,))


def _rising(column: InstrumentedAttribute[Any]) -> Order:
    def beyond(key: Any, row_id: int) -> ColumnElement[bool]:
        return tuple_(column, Ticket.id) > tuple_(literal(key, column.type), row_id)

    return Order((column.asc(), Ticket.id.asc()), column, beyond)


def _due_first() -> Order:
    """What is due at no set time comes last."""
    column = Ticket.due_at

    def beyond(key: datetime | None, row_id: int) -> ColumnElement[bool]:
        if key is None:
            return and_(column.is_(None), Ticket.id > row_id)
        later = tuple_(column, Ticket.id) > tuple_(literal(key, column.type), row_id)
        return or_(later, column.is_(None))

    nobody = type(None)
    return Order((column.asc().nulls_last(), Ticket.id.asc()), column, beyond, (datetime, nobody))


_ORDERS = {
    NEWEST: _falling(Ticket.created_at),
    UPDATED: _falling(Ticket.updated_at),
    PRIORITY: _falling(Ticket.priority, int),
    DUE: _due_first(),
    OLDEST: _rising(Ticket.created_at),
}
