"""The figures of the claim side, for its overview: exact sums, and the last weeks. Never a statement a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select

from webapp.claims.models import Bordereau, Bulletin, Client, Payment
from webapp.claims.queries.payments import BatchFilters, sums_paid
from webapp.claims.states import (
    BORDEREAU_OPEN,
    IN_PROGRESS,
    OPEN,
    PAID,
    RECEIVED,
    REJECTED,
    VALIDATED,
)
from webapp.core import db
from webapp.core.money import ZERO

WEEKS = 12
CLIENTS = 12


@dataclass
class Figure:
    """How many, and what they come to: currency → amount. `of`: how many bordereaux they stand in."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    of: int = 0

    def add(self, count: int, currency: str, amount: Decimal | None) -> None:
        self.count += count
        self.amounts[currency] = self.amounts.get(currency, ZERO) + (amount or ZERO)


@dataclass
class Standing:
    """Where bulletins stand now. `clients`: currency → (client's key, name, what waits and what is to be paid)."""

    waiting: Figure
    validated: Figure
    rejected: Figure
    clients: dict[str, list[tuple[int, str, Decimal]]]


@dataclass(frozen=True)
class Week:
    """Bulletins of the week that begins on the Monday `start`."""

    start: date
    received: int
    decided: int
    paid: int


def standing_now() -> Standing:
    """Two statements. What is paid is not read: it grows without end, and is told by month."""
    columns = (Bulletin.client_id, Bulletin.status, Bulletin.currency)
    query = (
        select(
            *columns,
            func.count(),
            func.sum(Bulletin.total),
            func.sum(Bulletin.payable),
            func.sum(Bulletin.validated_amount),
        )
        .where(Bulletin.status.in_((RECEIVED, IN_PROGRESS, VALIDATED, REJECTED)))
        .group_by(*columns)
    )
    found = Standing(Figure(), Figure(), Figure(), {})
    clients: dict[str, dict[int, Decimal]] = {}
    for client_id, status, currency, count, total, payable, validated in db.session().execute(
        query
    ):
        if status == REJECTED:
            found.rejected.add(count, currency, total)
            continue
        figure, amount = (
            (found.validated, validated) if status == VALIDATED else (found.waiting, payable)
        )
        figure.add(count, currency, amount)
        its = clients.setdefault(currency, {})
        its[client_id] = its.get(client_id, ZERO) + (amount or ZERO)
    found.clients = _named({each: _largest(its) for each, its in sorted(clients.items())})
    return found


@dataclass(frozen=True)
class Within:
    """What stands in some bordereaux, of one currency: how many of them and of their bulletins, what these claim, and
    what of it is not paid and may be yet."""

    currency: str
    bordereaux: int
    bulletins: int
    claimed: Decimal
    unpaid: Decimal


def within_bordereaux(where: Sequence[ColumnElement[bool]]) -> list[Within]:
    """Each bordereau is summed by itself first: that is cheaper than telling apart, among all bulletins, which
    bordereaux they are of."""
    unpaid = case((Bulletin.status.in_((*OPEN, VALIDATED)), Bulletin.payable))
    each = (
        select(
            Bordereau.currency,
            func.count(Bulletin.id).label("bulletins"),
            func.sum(Bulletin.total).label("claimed"),
            func.sum(unpaid).label("unpaid"),
        )
        .outerjoin(Bulletin, Bulletin.bordereau_id == Bordereau.id)
        .where(*where)
        .group_by(Bordereau.id, Bordereau.currency)
        .subquery()
    )
    sums = [func.sum(each.c[name]) for name in ("bulletins", "claimed", "unpaid")]
    query = select(each.c.currency, func.count(), *sums).group_by(each.c.currency)
    return [
        Within(currency, count, bulletins or 0, claimed or ZERO, unpaid or ZERO)
        for currency, count, bulletins, claimed, unpaid in db.session().execute(query)
    ]


def overdue(today: date) -> Figure:
    """Bordereaux that should have been paid by now (`count`), and what of them is not paid."""
    figure = Figure()
    where = [Bordereau.status.in_(BORDEREAU_OPEN), Bordereau.due_on < today]
    for each in within_bordereaux(where):
        figure.add(each.bordereaux, each.currency, each.unpaid)
    return figure


def received_between(first: date, last: date) -> Figure:
    """Bulletins of the bordereaux that were received on these days, both included, and what they claim."""
    figure = Figure()
    for each in within_bordereaux([Bordereau.received_on.between(first, last)]):
        figure.add(each.bulletins, each.currency, each.claimed)
        figure.of += each.bordereaux
    return figure


def paid_between(first: date, last: date) -> Figure:
    figure = Figure()
    for currency, count, amount in sums_paid(BatchFilters(since=first, until=last)):
        figure.add(count, currency, amount)
    return figure


def count_mismatches() -> int:
    """Undecided bulletins whose items do not add up to their total: few, and an index of their own has them."""
    query = select(func.count()).where(
        Bulletin.total != Bulletin.items_total, Bulletin.status.in_(OPEN)
    )
    return db.session().scalar(query) or 0


def weeks_until(today: date, zone: ZoneInfo) -> list[Week]:
    """The last WEEKS weeks, the present one included, by the Mondays of `zone`; three statements."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=n) for n in reversed(range(-1, WEEKS))]
    moments = [datetime.combine(day, time.min, zone).astimezone(UTC) for day in starts]
    bulletins = Bulletin.bordereau_id == Bordereau.id
    received = _by_week(Bordereau.received_on, starts, bulletins)
    decided = _by_week(Bulletin.decided_at, moments)
    paid = _by_week(Payment.paid_on, starts, Payment.state == PAID)
    return [
        Week(start, received.get(n, 0), decided.get(n, 0), paid.get(n, 0))
        for n, start in enumerate(starts[:-1])
    ]


def _by_week(column: Any, starts: Sequence[date], *where: ColumnElement[bool]) -> dict[int, int]:
    """number of the week → how many rows; `starts`: of each week, and the end of the last."""
    week = case(*((column < end, n) for n, end in enumerate(starts[1:-1])), else_=len(starts) - 2)
    rows = (
        select(week.label("week")).where(and_(column >= starts[0], column < starts[-1], *where))
    ).subquery()
    counted = select(rows.c.week, func.count()).group_by(rows.c.week)
    return {number: count for number, count in db.session().execute(counted)}  # noqa: C416


def _largest(amounts: dict[int, Decimal]) -> list[tuple[int, Decimal]]:
    ranked = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in ranked if pair[1]][:CLIENTS]


def _named(
    clients: dict[str, list[tuple[int, Decimal]]],
) -> dict[str, list[tuple[int, str, Decimal]]]:
    keys = {key for ranked in clients.values() for key, _ in ranked}
    query = select(Client.id, Client.name).where(Client.id.in_(keys))
    names = {key: name for key, name in db.session().execute(query)} if keys else {}  # noqa: C416
    return {
        currency: [(key, names[key], amount) for key, amount in ranked]
        for currency, ranked in clients.items()
        if ranked
    }
