"""The figures of the claim side, for its overview: exact sums, and the last weeks. Never a statement a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from webapp.claims.models import Bordereau, Bulletin, Client, Payment, PaymentBatch
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


def overdue(today: date) -> Figure:
    """Bordereaux that should have been paid by now (`count`), and what of them is not paid."""
    unpaid = case((Bulletin.status.in_((*OPEN, VALIDATED)), Bulletin.payable))
    query = _of_bordereaux(
        func.sum(unpaid), Bordereau.status.in_(BORDEREAU_OPEN), Bordereau.due_on < today
    )
    figure = Figure()
    for currency, bordereaux, _bulletins, amount in db.session().execute(query):
        figure.add(bordereaux, currency, amount)
    return figure


def received_between(first: date, last: date) -> Figure:
    """Bulletins of the bordereaux that were received on these days, both included, and what they claim."""
    query = _of_bordereaux(func.sum(Bulletin.total), Bordereau.received_on.between(first, last))
    figure = Figure()
    for currency, bordereaux, bulletins, amount in db.session().execute(query):
        figure.add(bulletins, currency, amount)
        figure.of += bordereaux
    return figure


def paid_between(first: date, last: date) -> Figure:
    query = (
        select(PaymentBatch.currency, func.count(), func.sum(Payment.amount))
        .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        .where(Payment.state == PAID, Payment.paid_on.between(first, last))
        .group_by(PaymentBatch.currency)
    )
    figure = Figure()
    for currency, count, amount in db.session().execute(query):
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


def _of_bordereaux(amount: ColumnElement[Any], *where: ColumnElement[bool]) -> Select[Any]:
    """(currency, bordereaux, their bulletins, amount). Each bordereau is summed by itself first: that is cheaper than
    telling apart, among all bulletins, which bordereaux they are of."""
    each = (
        select(
            Bordereau.currency,
            func.count(Bulletin.id).label("bulletins"),
            amount.label("amount"),
        )
        .outerjoin(Bulletin, Bulletin.bordereau_id == Bordereau.id)
        .where(*where)
        .group_by(Bordereau.id, Bordereau.currency)
        .subquery()
    )
    return select(
        each.c.currency, func.count(), func.sum(each.c.bulletins), func.sum(each.c.amount)
    ).group_by(each.c.currency)


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
