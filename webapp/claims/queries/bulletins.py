"""The list of bulletins: filtered, the last come first, with what about them wants an eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, literal, or_, select, union_all
from sqlalchemy.orm import contains_eager, defer, joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims import flags
from webapp.claims.models import Bordereau, Bulletin, Contract, DuplicatePair
from webapp.claims.queries import listing
from webapp.claims.queries.filters import ALL, ANY_FLAG, BulletinFilters
from webapp.claims.queries.listing import Sums
from webapp.claims.states import BULLETIN_STATUSES, OPEN, VALIDATED
from webapp.core import db
from webapp.core.pagination import Page


def bulletins_page(
    user: User, filters: BulletinFilters, *, after: str | None = None
) -> Page[Bulletin]:
    """50 bulletins that `user` may see, the last come first."""
    return listing.page_of(_query(user, filters), listing.BULLETINS, after)


def bulletins_of(
    user: User, bordereau_id: int, *, status: str, after_id: int = 0
) -> Page[Bulletin]:
    """50 bulletins of one bordereau in the order they came; `status`: "" for all."""
    where = [Bulletin.bordereau_id == bordereau_id, Bulletin.id > after_id]
    if status:
        where.append(Bulletin.status == status)
    if not user.may(Permission.CLAIMS_SEE):
        where = [literal(value=False)]
    query = (
        select(Bulletin)
        .join(Bulletin.bordereau)
        .where(*where)
        .options(
            contains_eager(Bulletin.bordereau).joinedload(Bordereau.contract),
            defer(Bulletin.rejection_text),
        )
        .order_by(Bulletin.id)
        .limit(listing.ROWS + 1)
    )
    rows = db.session().scalars(query).all()
    more, rows = len(rows) > listing.ROWS, rows[: listing.ROWS]
    return Page(rows, str(rows[-1].id) if more else None)


def all_bulletins(user: User, filters: BulletinFilters) -> Iterator[Bulletin]:
    """Everything that the filters leave, for a file."""
    return listing.all_of(_query(user, filters), listing.BULLETINS)


def count_bulletins(user: User, filters: BulletinFilters) -> dict[str, int]:
    """status → how many fit the other filters, bounded."""
    return listing.count_by(
        Bulletin.status,
        BULLETIN_STATUSES,
        _matching(user, filters),
        searched=bool(filters.q or filters.flag),
    )


def sums_of_bulletins(user: User, filters: BulletinFilters) -> list[Sums]:
    """How many the filters leave; their totals, what of them is paid back, and what was validated."""
    where = [*_matching(user, filters), *_of_status(filters.status)]
    columns = [Bulletin.total, Bulletin.payable, Bulletin.validated_amount]
    return listing.sums_of(Bulletin, columns, where)


def flags_of(bulletins: Sequence[Bulletin]) -> dict[int, list[str]]:
    """bulletin's key → its flags; one statement for all of them."""
    ids = {bulletin.id for bulletin in bulletins}
    pairs = db.session().execute(
        select(DuplicatePair.first_id, DuplicatePair.second_id).where(
            DuplicatePair.decision == "",
            or_(DuplicatePair.first_id.in_(ids), DuplicatePair.second_id.in_(ids)),
        )
    )
    undecided = {side for pair in pairs for side in pair}
    return {each.id: flags.flags_of(each, undecided=each.id in undecided) for each in bulletins}


def _query(user: User, filters: BulletinFilters) -> Select[Bulletin]:
    return (
        select(Bulletin)
        .where(*_matching(user, filters), *_of_status(filters.status))
        .options(
            joinedload(Bulletin.client),
            joinedload(Bulletin.bordereau).joinedload(Bordereau.contract),
        )
    )


def _matching(user: User, filters: BulletinFilters) -> list[ColumnElement[bool]]:
    if not user.may(Permission.CLAIMS_SEE):
        return [literal(value=False)]
    wanted: list[ColumnElement[bool]] = []
    if filters.client:
        wanted.append(Bulletin.client_id == filters.client)
    if filters.bordereau:
        wanted.append(Bulletin.bordereau_id == filters.bordereau)
    if filters.source:
        wanted.append(Bulletin.source == filters.source)
    if filters.since:
        wanted.append(Bulletin.care_date >= filters.since)
    if filters.until:
        wanted.append(Bulletin.care_date <= filters.until)
    if filters.flag:
        names = flags.FLAGS if filters.flag == ANY_FLAG else (filters.flag,)
        wanted.append(Bulletin.id.in_(union_all(*(_flagged(name) for name in names))))
    if filters.q:
        columns = (Bulletin.number, Bulletin.member_number, Bulletin.member_name)
        wanted.append(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    return wanted


def _flagged(flag: str) -> Select[int]:
    """The keys of those with the flag: flags.flags_of, asked of the database."""
    if flag == flags.DUPLICATE:
        sides = (DuplicatePair.first_id, DuplicatePair.second_id)
        return select(
            union_all(*(select(s).where(DuplicatePair.decision == "") for s in sides)).subquery()
        )
    query = select(Bulletin.id)
    if flag == flags.MISMATCH:
        return query.where(Bulletin.total != Bulletin.items_total)
    if flag == flags.CHANGED:
        return query.where(
            Bulletin.status == VALIDATED, Bulletin.payable != Bulletin.validated_payable
        )
    return (
        query.join(Bulletin.bordereau)
        .join(Bordereau.contract)
        .where(or_(Bulletin.care_date < Contract.starts_on, Bulletin.care_date > Contract.ends_on))
    )


def _of_status(status: str) -> list[ColumnElement[bool]]:
    if status == ALL:
        return []
    return [Bulletin.status.in_(OPEN)] if not status else [Bulletin.status == status]
