"""Payment batches, and the bulletins that wait to be paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.models import Bulletin, Client, Payment, PaymentBatch
from webapp.claims.queries.filters import day_of, last_of
from webapp.claims.states import PAID, PAYMENT_STATES, REJECTED, VALIDATED
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.core.money import ZERO
from webapp.core.pagination import Page

ROWS = 50
COUNTED_UP_TO = 1000
OFFERED = 500  # bulletins shown to choose from at once


@dataclass(frozen=True)
class BatchFilters:
    """As they stand in the address. `month`: its first day; else `since` and `until`, both included. Of what was paid
    in this time."""

    state: str = ""
    client: int | None = None
    q: str = ""
    month: date | None = None
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> BatchFilters:
        state, client = args.get("state", ""), args.get("client", "")
        month = day_of(f"{args.get('month', '')}-01")
        return cls(
            state=state if state in PAYMENT_STATES else "",
            client=int(client) if client.isdecimal() and len(client) < 18 else None,
            q=args.get("q", "").strip()[:80],
            month=month,
            since=None if month else day_of(args.get("since", "")),
            until=None if month else day_of(args.get("until", "")),
        )

    def as_args(self, **changed: Any) -> dict[str, Any]:
        values = {**self.__dict__, "month": f"{self.month:%Y-%m}" if self.month else "", **changed}
        return {name: value for name, value in values.items() if value}

    @property
    def first(self) -> date | None:
        return self.month or self.since

    @property
    def last(self) -> date | None:
        return last_of(self.month) if self.month else self.until

    @property
    def by_day(self) -> bool:
        return bool(self.first or self.last)

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.client or self.by_day)


@dataclass(frozen=True)
class Waiting:
    """What of one client is validated and in no payment."""

    client: Client
    count: int
    amount: Decimal


Listed = Row[Any]  # plain: fifty objects of all columns take as long as the rest of the list
_LISTED: Select[*tuple[Any, ...]] = select(
    PaymentBatch.id,
    PaymentBatch.ref,
    Client.name.label("client"),
    PaymentBatch.state,
    PaymentBatch.count.label("bulletins"),
    PaymentBatch.total,
    PaymentBatch.currency,
    PaymentBatch.planned_on,
    PaymentBatch.reference,
    PaymentBatch.created_at,
).join(Client, Client.id == PaymentBatch.client_id)


def batches_page(filters: BatchFilters, *, before_id: int | None = None) -> Page[Listed]:
    query = _LISTED.where(*_matching(filters))
    if filters.state:
        query = query.where(PaymentBatch.state == filters.state)
    if before_id is not None:
        query = query.where(PaymentBatch.id < before_id)
    query = query.order_by(PaymentBatch.id.desc()).limit(ROWS + 1)
    rows = db.session().connection().execute(query).all()
    more = len(rows) > ROWS
    return Page(rows[:ROWS], str(rows[ROWS - 1].id) if more else None)


def paid_of(batch_ids: Sequence[int], filters: BatchFilters) -> dict[int, tuple[int, Decimal]]:
    """batch's key → how many of its payments were paid in that time, and their amount; one statement for all."""
    rows = db.session().execute(
        select(Payment.batch_id, func.count(), func.sum(Payment.amount))
        .where(Payment.batch_id.in_(batch_ids), *paid_within(filters.first, filters.last))
        .group_by(Payment.batch_id)
    )
    return {key: (count, amount) for key, count, amount in rows}


def sums_paid(filters: BatchFilters) -> list[tuple[str, int, Decimal]]:
    """(currency, how many payments, amount) of what was paid in that time, of the batches that fit."""
    state = [PaymentBatch.state == filters.state] if filters.state else []
    rows = db.session().execute(
        select(PaymentBatch.currency, func.count(), func.sum(Payment.amount))
        .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        .where(*paid_within(filters.first, filters.last), *_matching(filters), *state)
        .group_by(PaymentBatch.currency)
        .order_by(PaymentBatch.currency)
    )
    return [(currency, count, amount) for currency, count, amount in rows]


def paid_within(first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """Payments that were paid on these days, both included."""
    wanted = [Payment.state == PAID]
    if first:
        wanted.append(Payment.paid_on >= first)
    if last:
        wanted.append(Payment.paid_on <= last)
    return wanted


def count_batches(filters: BatchFilters) -> dict[str, int]:
    """state → how many fit the other filters, counted up to COUNTED_UP_TO + 1, in one statement."""
    counts = []
    for state in PAYMENT_STATES:
        some = select(PaymentBatch.id).where(PaymentBatch.state == state, *_matching(filters))
        counts.append(
            select(literal(state), func.count()).select_from(
                some.limit(COUNTED_UP_TO + 1).subquery()
            )
        )
    return {state: count for state, count in db.session().execute(union_all(*counts))}  # noqa: C416


def batch_for(user: User, ref: str, *, lock: bool = False) -> PaymentBatch:
    """Raises NotFound, also for those who may not see claims. `lock`: nobody else moves it now."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(PaymentBatch).where(PaymentBatch.ref == ref)
        query = query.with_for_update() if lock else query.options(joinedload(PaymentBatch.client))
        found = db.session().scalar(query)
    if found is None:
        raise NotFound(gettext("There is no such payment, or you may not see it."))
    return found


def payments_page(batch: PaymentBatch, *, after_id: int = 0, limit: int = 200) -> Page[Payment]:
    """The batch's payments with their bulletins, oldest first."""
    query = (
        select(Payment)
        .where(Payment.batch_id == batch.id, Payment.id > after_id)
        .options(joinedload(Payment.bulletin).joinedload(Bulletin.bordereau))
        .order_by(Payment.id)
        .limit(limit + 1)
    )
    rows = db.session().scalars(query).all()
    more = len(rows) > limit
    return Page(rows[:limit], str(rows[limit - 1].id) if more else None)


def all_payments(batch: PaymentBatch) -> Sequence[Payment]:
    """For orders and answers: every payment of the batch that was not left out."""
    query = (
        select(Payment)
        .where(Payment.batch_id == batch.id)
        .options(joinedload(Payment.bulletin))
        .order_by(Payment.id)
    )
    return db.session().scalars(query).all()


def payment_of(batch: PaymentBatch, payment_id: int) -> Payment:
    """A payment of a batch that was already looked up. Raises NotFound for another batch's."""
    found = db.session().scalar(
        select(Payment)
        .where(Payment.id == payment_id, Payment.batch_id == batch.id)
        .with_for_update()
    )
    if found is None:
        raise NotFound(gettext("There is no such payment, or you may not see it."))
    return found


def clients_waiting() -> list[Waiting]:
    """Clients with validated bulletins that are in no live payment, the largest sum first."""
    amount = func.sum(Bulletin.validated_amount)
    rows = db.session().execute(
        select(Client, func.count(), amount)
        .join(Bulletin, Bulletin.client_id == Client.id)
        .where(*_unpaid())
        .group_by(Client.id)
        .order_by(amount.desc())
        .limit(OFFERED)
    )
    return [Waiting(client, count, total or ZERO) for client, count, total in rows]


def waiting_bulletins(client: Client) -> Sequence[Bulletin]:
    """Validated, in no live payment; the longest waiting first, at most OFFERED."""
    query = (
        select(Bulletin)
        .where(Bulletin.client_id == client.id, *_unpaid())
        .options(joinedload(Bulletin.bordereau))
        .order_by(Bulletin.decided_at, Bulletin.id)
        .limit(OFFERED)
    )
    return db.session().scalars(query).all()


def _unpaid() -> tuple[ColumnElement[bool], ...]:
    live = exists().where(Payment.bulletin_id == Bulletin.id, Payment.state != REJECTED)
    return (Bulletin.status == VALIDATED, ~live)


def _matching(filters: BatchFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.client:
        wanted.append(PaymentBatch.client_id == filters.client)
    if filters.by_day:
        within = paid_within(filters.first, filters.last)
        wanted.append(PaymentBatch.id.in_(select(Payment.batch_id).where(*within)))
    if filters.q:
        columns = (PaymentBatch.ref, PaymentBatch.reference)
        wanted.append(or_(*(each.icontains(filters.q, autoescape=True) for each in columns)))
    return wanted


def live_payment(bulletin_id: int) -> Payment | None:
    """The one that holds the bulletin."""
    return db.session().scalar(
        select(Payment).where(Payment.bulletin_id == bulletin_id, Payment.state != REJECTED)
    )


def latest_payment(bulletin_id: int) -> Payment | None:
    """The one that holds it, else the last one that was rejected."""
    query = select(Payment).where(Payment.bulletin_id == bulletin_id)
    query = query.options(joinedload(Payment.batch))
    return db.session().scalar(query.order_by(Payment.id.desc()).limit(1))
