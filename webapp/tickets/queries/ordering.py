"""The orders that a list can have, each with the position that its next page goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Tuple, UnaryExpression, and_, bindparam, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core import pagination
from webapp.tickets.models import Ticket
from webapp.tickets.queries.filters import DUE, NEWEST, OLDEST, PRIORITY, UPDATED


@dataclass(frozen=True)
class Order:
    """`beyond`: what stands after (after_key, after_id); `beyond_none`: the same where the key is nothing."""

    by: tuple[UnaryExpression[Any], ...]
    column: InstrumentedAttribute[Any]
    beyond: ColumnElement[bool]
    key: type = datetime
    beyond_none: ColumnElement[bool] | None = None

    def after(self, position: str) -> tuple[ColumnElement[bool], dict[str, Any]]:
        """The condition, made once, and its values. Raises Invalid for a position that we did not make, or made for
        another order."""
        key, row_id = pagination.decode_key(position)
        if key is None and self.beyond_none is not None:
            return self.beyond_none, {"after_id": row_id}
        if not isinstance(key, self.key):
            raise pagination.damaged()
        return self.beyond, {"after_key": key, "after_id": row_id}

    def position(self, ticket: Ticket | Row[*tuple[Any, ...]]) -> str:
        return pagination.encode(getattr(ticket, self.column.key), ticket.id)


def of(sort: str) -> Order:
    return _ORDERS.get(sort, _ORDERS[NEWEST])


_AFTER_ID = bindparam("after_id", type_=Ticket.id.type)


def _place(column: InstrumentedAttribute[Any]) -> Tuple:
    return tuple_(bindparam("after_key", type_=column.type), _AFTER_ID)


def _falling(column: InstrumentedAttribute[Any], key: type = datetime) -> Order:
    beyond = tuple_(column, Ticket.id) < _place(column)
    return Order((column.desc(), Ticket.id.desc()), column, beyond, key)


def _rising(column: InstrumentedAttribute[Any]) -> Order:
    beyond = tuple_(column, Ticket.id) > _place(column)
    return Order((column.asc(), Ticket.id.asc()), column, beyond)


def _due_first() -> Order:
    """What is due at no set time comes last."""
    column = Ticket.due_at
    beyond = or_(tuple_(column, Ticket.id) > _place(column), column.is_(None))
    none = and_(column.is_(None), Ticket.id > _AFTER_ID)
    by = column.asc().nulls_last(), Ticket.id.asc()
    return Order(by, column, beyond, beyond_none=none)


_ORDERS = {
    NEWEST: _falling(Ticket.created_at),
    UPDATED: _falling(Ticket.updated_at),
    PRIORITY: _falling(Ticket.priority, int),
    DUE: _due_first(),
    OLDEST: _rising(Ticket.created_at),
}
