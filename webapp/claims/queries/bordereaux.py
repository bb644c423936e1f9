"""The list of bordereaux: filtered, newest first, with what their bulletins add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.models import Bordereau, Bulletin, Client, Contract, DuplicatePair
from webapp.claims.queries import listing
from webapp.claims.queries.figures import Within, within_bordereaux
from webapp.claims.queries.filters import ALL, BordereauFilters
from webapp.claims.queries.listing import Sums
from webapp.claims.states import BORDEREAU_OPEN, BORDEREAU_STATUSES, DECIDED
from webapp.core import db
from webapp.core.money import ZERO
from webapp.core.pagination import Page


@dataclass(frozen=True)
class Progress:
    """What a bordereau's bulletins come to. `counts`, `totals`, `payables`: by status, those there are."""

    counts: dict[str, int]
    totals: dict[str, Decimal]
    payables: dict[str, Decimal]

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        return sum(self.counts.get(status, 0) for status in DECIDED)

    @property
    def total(self) -> Decimal:
        return sum(self.totals.values(), ZERO)

    @property
    def payable(self) -> Decimal:
        return sum(self.payables.values(), ZERO)


NOTHING_YET = Progress({}, {}, {})


def bordereaux_page(
    user: User, filters: BordereauFilters, *, today: date, after: str | None = None
) -> Page[Bordereau]:
    """50 bordereaux that `user` may see, the last received first. `today`: the viewer's, for what is overdue."""
    return listing.page_of(_query(user, filters, today), listing.BORDEREAUX, after)


def all_bordereaux(user: User, filters: BordereauFilters, *, today: date) -> Iterator[Bordereau]:
    """Everything that the filters leave, for a file."""
    return listing.all_of(_query(user, filters, today), listing.BORDEREAUX)


def count_bordereaux(user: User, filters: BordereauFilters, *, today: date) -> dict[str, int]:
    """status → how many fit the other filters, bounded."""
    where = _matching(user, filters, today)
    searched = bool(filters.q) or filters.problems
    return listing.count_by(Bordereau.status, BORDEREAU_STATUSES, where, searched=searched)


def sums_of_bordereaux(user: User, filters: BordereauFilters, *, today: date) -> list[Sums]:
    """How many the filters leave, and their totals as their upstreams declare them."""
    where = [*_matching(user, filters, today), *_of_status(filters.status)]
    return listing.sums_of(Bordereau, [Bordereau.total], where)


def within_filtered(user: User, filters: BordereauFilters, *, today: date) -> list[Within]:
    """What stands in the bordereaux that days or a due date narrow the list to; of all there are, nobody asks."""
    if not (filters.overdue or filters.since or filters.until):
        return []
    return within_bordereaux([*_matching(user, filters, today), *_of_status(filters.status)])


def progress_of(bordereau_ids: Sequence[int]) -> dict[int, Progress]:
    """bordereau's key → what its bulletins come to; one statement for all of them."""
    rows = db.session().execute(
        select(
            Bulletin.bordereau_id,
            Bulletin.status,
            func.count(),
            func.sum(Bulletin.total),
            func.sum(Bulletin.payable),
        )
        .where(Bulletin.bordereau_id.in_(bordereau_ids))
        .group_by(Bulletin.bordereau_id, Bulletin.status)
    )
    found: dict[int, Progress] = {}
    for bordereau_id, status, count, total, payable in rows:
        progress = found.setdefault(bordereau_id, Progress({}, {}, {}))
        progress.counts[status] = count
        progress.totals[status] = total
        progress.payables[status] = payable
    return found


def _query(user: User, filters: BordereauFilters, today: date) -> Select[Bordereau]:
    return (
        select(Bordereau)
        .where(*_matching(user, filters, today), *_of_status(filters.status))
        .options(joinedload(Bordereau.client), joinedload(Bordereau.contract))
    )


def _matching(user: User, filters: BordereauFilters, today: date) -> list[ColumnElement[bool]]:
    if not user.may(Permission.CLAIMS_SEE):
        return [literal(value=False)]
    wanted: list[ColumnElement[bool]] = []
    if filters.client:
        wanted.append(Bordereau.client_id == filters.client)
    if filters.source:
        wanted.append(Bordereau.source == filters.source)
    if filters.since:
        wanted.append(Bordereau.received_on >= filters.since)
    if filters.until:
        wanted.append(Bordereau.received_on <= filters.until)
    if filters.overdue:
        wanted += [Bordereau.due_on < today, Bordereau.status.in_(BORDEREAU_OPEN)]
    if filters.problems:
        wanted.append(_with_problems())
    if filters.q:
        names = select(Client.id).where(Client.name.icontains(filters.q, autoescape=True))
        wanted.append(
            or_(
                Bordereau.reference.icontains(filters.q, autoescape=True),
                Bordereau.client_id.in_(names),
            )
        )
    return wanted


def _with_problems() -> ColumnElement[bool]:
    """Fewer or more bulletins than declared, another total, or a bulletin that wants an eye."""
    own = Bulletin.bordereau_id == Bordereau.id
    count = select(func.count()).select_from(Bulletin).where(own).scalar_subquery()
    total = select(func.sum(Bulletin.total)).where(own).scalar_subquery()
    unlike = select(Bulletin.bordereau_id).where(Bulletin.total != Bulletin.items_total)
    doubtful = [
        select(Bulletin.bordereau_id)
        .join(DuplicatePair, Bulletin.id == side)
        .where(DuplicatePair.decision == "")
        for side in (DuplicatePair.first_id, DuplicatePair.second_id)
    ]
    uncovered = exists().where(
        Contract.id == Bordereau.contract_id,
        own,
        or_(Bulletin.care_date < Contract.starts_on, Bulletin.care_date > Contract.ends_on),
    )
    return or_(
        Bordereau.id.in_(unlike),
        *(Bordereau.id.in_(pairs) for pairs in doubtful),
        and_(Bordereau.bulletin_count.is_not(None), Bordereau.bulletin_count != count),
        and_(
            Bordereau.total.is_not(None),
            Bordereau.total != func.coalesce(total, literal(ZERO, Bordereau.total.type)),
        ),
        uncovered,
    )


def _of_status(status: str) -> list[ColumnElement[bool]]:
    if status == ALL:
        return []
    if status:
        return [Bordereau.status == status]
    return [Bordereau.status.in_(BORDEREAU_OPEN)]
