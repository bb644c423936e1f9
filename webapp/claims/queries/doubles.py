"""Pairs of bulletins that may be one claim."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.models import Bulletin, DuplicatePair
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.core.pagination import Page

ROWS = 20
COUNTED_UP_TO = 1000

_WHOLE = (
    joinedload(DuplicatePair.first).options(
        joinedload(Bulletin.bordereau), joinedload(Bulletin.client), selectinload(Bulletin.items)
    ),
    joinedload(DuplicatePair.second).options(
        joinedload(Bulletin.bordereau), joinedload(Bulletin.client), selectinload(Bulletin.items)
    ),
)


def duplicates_page(*, decided: bool, before_id: int | None = None) -> Page[DuplicatePair]:
    """Newest first, both bulletins with their items."""
    query = select(DuplicatePair).where(
        DuplicatePair.decision != "" if decided else DuplicatePair.decision == ""
    )
    if before_id is not None:
        query = query.where(DuplicatePair.id < before_id)
    query = query.options(*_WHOLE).order_by(DuplicatePair.id.desc()).limit(ROWS + 1)
    rows = db.session().scalars(query).all()
    more = len(rows) > ROWS
    return Page(rows[:ROWS], str(rows[ROWS - 1].id) if more else None)


def count_undecided() -> int:
    """Counted up to COUNTED_UP_TO + 1."""
    some = select(DuplicatePair.id).where(DuplicatePair.decision == "").limit(COUNTED_UP_TO + 1)
    return db.session().scalar(select(func.count()).select_from(some.subquery())) or 0


def duplicates_of(bulletin_id: int) -> Sequence[DuplicatePair]:
    """The pairs of one bulletin, those to be decided first."""
    query = (
        select(DuplicatePair)
        .where(or_(DuplicatePair.first_id == bulletin_id, DuplicatePair.second_id == bulletin_id))
        .options(*_WHOLE)
        .order_by(DuplicatePair.decision, DuplicatePair.id)
    )
    return db.session().scalars(query).all()


def duplicate_for(user: User, pair_id: int, *, lock: bool = False) -> DuplicatePair:
    """Raises NotFound, also for those who may not see claims. `lock`: nobody else decides it now."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(DuplicatePair).where(DuplicatePair.id == pair_id)
        query = query.with_for_update() if lock else query.options(*_WHOLE)
        found = db.session().scalar(query)
    if found is None:
        raise NotFound(gettext("There is no such pair, or you may not see it."))
    return found
