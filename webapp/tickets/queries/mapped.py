"""The list's tickets as pins: those near each other on the screen are counted together, by the database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Row, Select, cast, func, select

from webapp.accounts.models import User
from webapp.core import db
from webapp.tickets.areas import Area, grid_step
from webapp.tickets.models import Ticket
from webapp.tickets.queries.clauses import within
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import conditions

MOST_PLACED = 20_000  # of the newest tickets; so a map costs as much with a million as with these
MOST_PINS = 500
MOST_FOR_START = 2_000  # of the newest: where the map begins


@dataclass(frozen=True)
class Pin:
    """`count` tickets around one point, within `area`; `ticket`: the one, where it is alone."""

    lat: float
    lng: float
    count: int
    area: Area
    ticket: Ticket | None


@dataclass(frozen=True)
class Pins:
    """`more`: there are older tickets, or more pins, than are shown."""

    pins: Sequence[Pin]
    more: bool


def pins_of(user: User, filters: Filters, *, view: Area, zoom: int) -> Pins:
    """The filters' tickets in `view`, as they look at this zoom."""
    step = grid_step(zoom)
    some = _placed(user, filters).where(within(view)).subquery()
    row, column = cast(some.c.lat / step, Integer), cast(some.c.lng / step, Integer)
    query = (
        select(
            func.avg(some.c.lat).label("lat"),
            func.avg(some.c.lng).label("lng"),
            func.count().label("tickets"),
            func.min(some.c.id).label("id"),
            *_sides(some),
        )
        .group_by(row, column)
        .order_by(func.count().desc(), func.min(some.c.id))
        .limit(MOST_PINS)
    )
    rows = db.session().execute(query).all()
    alone = _tickets([each.id for each in rows if each.tickets == 1])
    found = [_pin(each, alone) for each in rows]
    more = len(rows) == MOST_PINS or sum(pin.count for pin in found) >= MOST_PLACED
    return Pins(found, more)


def area_of_all(user: User, filters: Filters) -> Area | None:
    """What the map shows at first: where the filters' newest tickets lie. None where none has a place."""
    some = _placed(user, filters).limit(MOST_FOR_START).subquery()
    row = db.session().execute(select(*_sides(some))).one()
    return None if row.south is None else _area(row)


def usual_area() -> Area | None:
    """Where this desk's tickets lie, in tenths of degrees: anybody may see it, so it tells of no single one."""
    newest = (
        select(Ticket.lat, Ticket.lng)
        .where(Ticket.lat.is_not(None), Ticket.lng.is_not(None))
        .order_by(Ticket.id.desc())
        .limit(200)
        .subquery()
    )
    row = db.session().execute(select(*_sides(newest))).one()
    if row.south is None:
        return None
    area = _area(row)
    low = [math.floor(side * 10) / 10 for side in (area.south, area.west)]
    high = [math.ceil(side * 10) / 10 for side in (area.north, area.east)]
    return Area(*low, *high)


def _placed(user: User, filters: Filters) -> Select[int, Decimal | None, Decimal | None]:
    return (
        select(Ticket.id, Ticket.lat, Ticket.lng)
        .where(*conditions(user, filters), Ticket.lat.is_not(None), Ticket.lng.is_not(None))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(MOST_PLACED)
    )


def _sides(some: Any) -> tuple[Any, ...]:
    return (
        func.min(some.c.lat).label("south"),
        func.min(some.c.lng).label("west"),
        func.max(some.c.lat).label("north"),
        func.max(some.c.lng).label("east"),
    )


def _area(row: Row[Any]) -> Area:
    return Area(float(row.south), float(row.west), float(row.north), float(row.east))


def _pin(row: Row[Any], alone: dict[int, Ticket]) -> Pin:
    ticket = alone.get(row.id) if row.tickets == 1 else None
    return Pin(float(row.lat), float(row.lng), row.tickets, _area(row), ticket)


def _tickets(ids: Sequence[int]) -> dict[int, Ticket]:
    rows = db.session().scalars(select(Ticket).where(Ticket.id.in_(ids)))
    return {row.id: row for row in rows}
