"""Clients and contracts, and what belongs to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask_babel import gettext
from sqlalchemy import Integer, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.events import ClientEdited, PaymentBatchExported
from webapp.claims.models import Bordereau, Bulletin, Client, Contract, PaymentBatch
from webapp.claims.queries import listing
from webapp.claims.states import (
    BORDEREAU_OPEN,
    OPEN,
    PAID,
    PROCESSING,
    SCHEDULED,
    VALIDATED,
)
from webapp.core import clock, db
from webapp.core.errors import NotFound
from webapp.core.money import ZERO
from webapp.core.pagination import Page
from webapp.events.models import Event

ROWS = 50
ACCOUNT_FIELDS = ("account_holder", "iban", "bic")
WARNED = timedelta(days=30)  # for so long a changed account is pointed out


@dataclass
class ClientFigures:
    """What of a client waits. `waiting`: currency → what its undecided bulletins would pay back."""

    contracts: int = 0
    open_bordereaux: int = 0
    overdue: int = 0
    waiting: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusSum:
    """The bulletins of one status and currency."""

    status: str
    currency: str
    count: int
    total: Decimal
    payable: Decimal
    validated: Decimal


def clients_page(user: User, words: str, *, after: int | None = None) -> Page[Client]:
    """50 clients by name, whose name or code has `words`, after the client with the key `after`."""
    query = select(Client).order_by(Client.name, Client.id).limit(ROWS + 1)
    if not user.may(Permission.CLAIMS_SEE):
        query = query.where(literal(value=False))
    if words:
        query = query.where(
            or_(*(c.icontains(words, autoescape=True) for c in (Client.name, Client.code)))
        )
    last = db.session().get(Client, after) if after else None
    if last is not None:
        query = query.where(
            tuple_(Client.name, Client.id) > tuple_(literal(last.name), literal(last.id))
        )
    rows = db.session().scalars(query).all()
    more, rows = len(rows) > ROWS, rows[:ROWS]
    return Page(rows, str(rows[-1].id) if more else None)


def figures_of_clients(ids: Collection[int], *, today: date) -> dict[int, ClientFigures]:
    """client's key → its figures; three statements for all of them. `today`: the viewer's."""
    session, found = db.session(), {client_id: ClientFigures() for client_id in ids}
    contracts = select(Contract.client_id, func.count()).where(Contract.client_id.in_(ids))
    for client_id, count in session.execute(contracts.group_by(Contract.client_id)):
        found[client_id].contracts = count
    late = func.sum(cast(Bordereau.due_on < today, Integer))
    waiting_ones = (
        select(Bordereau.client_id, func.count(), late)
        .where(Bordereau.client_id.in_(ids), Bordereau.status.in_(BORDEREAU_OPEN))
        .group_by(Bordereau.client_id)
    )
    for client_id, count, overdue in session.execute(waiting_ones):
        found[client_id].open_bordereaux, found[client_id].overdue = count, overdue
    amounts = (
        select(Bulletin.client_id, Bulletin.currency, func.sum(Bulletin.payable))
        .where(Bulletin.client_id.in_(ids), Bulletin.status.in_(OPEN))
        .group_by(Bulletin.client_id, Bulletin.currency)
    )
    for client_id, currency, amount in session.execute(amounts):
        found[client_id].waiting[currency] = amount
    return found


def client_for(user: User, client_id: int, *, lock: bool = False) -> Client:
    """Raises NotFound, also for those who may not see claims. `lock`: nobody else changes it now."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(Client).where(Client.id == client_id)
        found = db.session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(gettext("There is no such client, or you may not see it."))
    return found


def contract_for(user: User, contract_id: int, *, lock: bool = False) -> Contract:
    """As `client_for`."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(Contract).where(Contract.id == contract_id)
        found = db.session().scalar(
            query.with_for_update() if lock else query.options(joinedload(Contract.client))
        )
    if found is None:
        raise NotFound(gettext("There is no such contract, or you may not see it."))
    return found


def contracts_of_client(client: Client) -> Sequence[Contract]:
    """Those in force the longest first; those without an end on top."""
    query = select(Contract).where(Contract.client_id == client.id)
    return (
        db.session()
        .scalars(query.order_by(func.coalesce(Contract.ends_on, date.max).desc(), Contract.number))
        .all()
    )


def bordereaux_of_client(client: Client, *, limit: int = 8) -> Sequence[Bordereau]:
    """The last received."""
    query = select(Bordereau).where(Bordereau.client_id == client.id)
    ways = (joinedload(Bordereau.client), joinedload(Bordereau.contract))
    query = query.order_by(Bordereau.received_on.desc(), Bordereau.id.desc()).options(*ways)
    return db.session().scalars(query.limit(limit)).all()


def bordereaux_of_contract(contract: Contract, *, after: str | None = None) -> Page[Bordereau]:
    """50 at a time, the last received first."""
    query = select(Bordereau).where(Bordereau.contract_id == contract.id)
    ways = (joinedload(Bordereau.client), joinedload(Bordereau.contract))
    return listing.page_of(query.options(*ways), listing.BORDEREAUX, after)


def sums_of_client(client: Client) -> list[StatusSum]:
    """What its bulletins come to, by status and currency."""
    query = (
        select(
            Bulletin.status,
            Bulletin.currency,
            func.count(),
            func.sum(Bulletin.total),
            func.sum(Bulletin.payable),
            func.sum(Bulletin.validated_amount),
        )
        .where(Bulletin.client_id == client.id)
        .group_by(Bulletin.status, Bulletin.currency)
    )
    return [
        StatusSum(status, currency, count, total, payable, validated or ZERO)
        for status, currency, count, total, payable, validated in db.session().execute(query)
    ]


def used_of(contract: Contract) -> Decimal:
    """What was validated or paid for care in the contract's period: this is held against its ceiling."""
    agreed = func.coalesce(Bulletin.validated_amount, Bulletin.payable)
    query = (
        select(func.sum(agreed))
        .join(Bordereau, Bordereau.id == Bulletin.bordereau_id)
        .where(
            Bordereau.contract_id == contract.id,
            Bulletin.status.in_((VALIDATED, PAID)),
            Bulletin.currency == contract.currency,
        )
    )
    if contract.starts_on:
        query = query.where(Bulletin.care_date >= contract.starts_on)
    if contract.ends_on:
        query = query.where(Bulletin.care_date <= contract.ends_on)
    return db.session().scalar(query) or ZERO


def account_change(client: Client) -> Event | None:
    """The last change of where its transfers go, while it is fresh enough to be pointed out."""
    query = (
        select(Event)
        .where(
            Event.subject_kind == ClientEdited.subject_kind,
            Event.subject_id == client.id,
            Event.type == ClientEdited.type,
            Event.at >= clock.now() - WARNED,
        )
        .order_by(Event.id.desc())
    )
    changed = set(ACCOUNT_FIELDS)
    return next(
        (each for each in db.session().scalars(query) if changed & set(each.data["changes"])), None
    )


def orders_before(client: Client, moment: datetime) -> Sequence[str]:
    """The orders under way that were exported before `moment`: they carry what stood there then."""
    exported = select(Event.id).where(
        Event.subject_kind == PaymentBatchExported.subject_kind,
        Event.subject_id == PaymentBatch.id,
        Event.type == PaymentBatchExported.type,
        Event.at < moment,
    )
    query = select(PaymentBatch.ref).where(
        PaymentBatch.client_id == client.id,
        PaymentBatch.state.in_((SCHEDULED, PROCESSING)),
        exported.exists(),
    )
    return db.session().scalars(query.order_by(PaymentBatch.id)).all()
