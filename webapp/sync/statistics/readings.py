"""The roll-up as figures: for one connection or for all together, with three queries whatever the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, literal, select

from webapp.core import clock, db
from webapp.sync.models import Connection
from webapp.sync.statistics.models import RunShare, RunTotal
from webapp.sync.statistics.rules import ERROR, Span, Totals, span_of, whole
from webapp.sync.statistics.totals import NAMES


@dataclass(frozen=True)
class Figures:
    """`columns`: one for each start of the span, oldest first. `whole`: all of them together."""

    span: Span
    columns: Sequence[Totals]
    whole: Totals

    def pairs(self) -> list[tuple[datetime, Totals]]:
        return list(zip(self.span.starts, self.columns, strict=True))


def figures_of(connection_id: int | None, *, period: str, zone: tzinfo) -> Figures:
    """One connection's; None: all of them together. `period`: as in rules.PERIODS."""
    span = span_of(period, now=clock.now(), zone=zone)
    columns = [Totals() for _ in span.starts]
    for number, name_of, spread, amount in _spread(connection_id, span):
        if 0 <= number < len(columns):
            each = columns[number]
            if name_of == ERROR:
                each.errors[spread] = amount
            else:
                each.took[int(spread)] = amount
    for number, *amounts in _totals(connection_id, span):
        if 0 <= number < len(columns):
            columns[number].counts = dict(zip(NAMES, map(int, amounts), strict=True))
    return Figures(span, columns, whole(columns))


def by_connection(*, period: str, zone: tzinfo) -> list[tuple[Connection, Totals]]:
    """Each connection's total over the period, by name."""
    span = span_of(period, now=clock.now(), zone=zone)
    rows = db.session().execute(
        select(RunTotal.connection_id, *_sums())
        .where(RunTotal.slot >= span.first, RunTotal.slot < span.end)
        .group_by(RunTotal.connection_id)
    )
    found = {row[0]: Totals(dict(zip(NAMES, map(int, row[1:]), strict=True))) for row in rows}
    connections = db.session().scalars(select(Connection).order_by(Connection.name))
    return [(each, found.get(each.id, Totals())) for each in connections]


def _totals(connection_id: int | None, span: Span) -> Sequence[Any]:
    number = _column(RunTotal.slot, span).label("number")
    query = select(number, *_sums()).where(RunTotal.slot >= span.first, RunTotal.slot < span.end)
    if connection_id is not None:
        query = query.where(RunTotal.connection_id == connection_id)
    return db.session().execute(query.group_by(number)).all()


def _spread(connection_id: int | None, span: Span) -> Sequence[Any]:
    number = _column(RunShare.slot, span).label("number")
    query = select(number, RunShare.kind, RunShare.name, func.sum(RunShare.number)).where(
        RunShare.slot >= span.first, RunShare.slot < span.end
    )
    if connection_id is not None:
        query = query.where(RunShare.connection_id == connection_id)
    return db.session().execute(query.group_by(number, RunShare.kind, RunShare.name)).all()


def _sums() -> list[ColumnElement[int]]:
    return [func.sum(getattr(RunTotal, name)) for name in NAMES]


def _column(slot: Any, span: Span) -> ColumnElement[int]:
    """rules.column_of in SQL; the numbers are written out, as a bound one would make each GROUP BY another."""
    later = span.segments[1:]
    ahead: ColumnElement[int] = _written(span.segments[0].ahead)
    if later:
        # The first that fits wins, so the latest stands first.
        whens = [(slot >= _written(each.first), _written(each.ahead)) for each in reversed(later)]
        ahead = case(*whens, else_=ahead)
    return (slot + ahead) // _written(span.size) - _written(span.base)


def _written(number: int) -> ColumnElement[int]:
    return literal(number, Integer, literal_execute=True)
