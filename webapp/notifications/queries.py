"""Readings of people's bells. What has expired is not there any more, whether it was pruned or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, select

from webapp.accounts.callers import ask_beside
from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.columns import UTCDateTime
from webapp.core.errors import NotFound
from webapp.core.pagination import Page, decode, encode
from webapp.notifications.models import TOAST_SECONDS, Notice, NoticeSettings

MOST_COUNTED = 99  # a badge says "99+"


@dataclass(frozen=True)
class Wanted:
    """Which notices. `kind` "": all."""

    kind: str = ""
    unread: bool = False


def unread_count(user_id: int) -> int:
    unread = _theirs(user_id, Wanted(unread=True))
    return db.session().scalar(select(func.count()).select_from(unread.subquery())) or 0


def shown_count(user_id: int) -> int:
    """As many as a badge tells apart: bounded, however many there are."""
    return db.session().scalar(select(_shown_count(user_id))) or 0


def bell_of(user_id: int) -> tuple[int, int]:
    """Their unread ones, as `shown_count`, and for how many seconds they want toasts to stay."""
    asked = {"user_id": user_id, "now": clock.now()}
    unread, seconds = db.session().connection().execute(_BELL, asked).one()
    return unread, seconds


def _bell(user_id: Any) -> tuple[ScalarSelect[int], ColumnElement[int]]:
    alive = Notice.expires_at > bindparam("now", type_=UTCDateTime)
    some = (
        select(Notice.id)
        .where(Notice.user_id == user_id, alive, Notice.read_at.is_(None))
        .correlate(User)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    stay = select(NoticeSettings.toast_seconds).where(NoticeSettings.user_id == user_id)
    usual = func.coalesce(stay.correlate(User).scalar_subquery(), TOAST_SECONDS)
    return select(func.count()).select_from(some).correlate(User).scalar_subquery(), usual


_BELL = select(*_bell(bindparam("user_id")))
ask_beside(bell=_bell(User.id))


def _shown_count(user_id: int) -> ScalarSelect[int]:
    unread = _theirs(user_id, Wanted(unread=True)).with_only_columns(Notice.id)
    some = unread.limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def total(user_id: int, wanted: Wanted) -> int:
    query = select(func.count()).select_from(_theirs(user_id, wanted).subquery())
    return db.session().scalar(query) or 0


def page(user_id: int, wanted: Wanted, *, after: str = "", limit: int = 50) -> Page[Notice]:
    """Newest first."""
    query = _newest(_theirs(user_id, wanted))
    if after:
        at, notice_id = decode(after)
        query = query.where((Notice.at < at) | ((Notice.at == at) & (Notice.id < notice_id)))
    rows = db.session().scalars(query.limit(limit + 1)).all()
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode(more.at, more.id) if more is not None else None)


def some(user_id: int, wanted: Wanted, *, skip: int, limit: int) -> Sequence[Notice]:
    """For programs that page by number."""
    query = _newest(_theirs(user_id, wanted)).offset(skip).limit(limit)
    return db.session().scalars(query).all()


def get_notice(notice_id: int, *, user_id: int | None) -> Notice:
    """`user_id`: whose it must be; None for an admin. Raises NotFound, also for somebody else's."""
    query = select(Notice).where(Notice.id == notice_id, *_alive())
    if user_id is not None:
        query = query.where(Notice.user_id == user_id)
    found = db.session().scalar(query)
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def _theirs(user_id: int, wanted: Wanted) -> Select[Notice]:
    query = select(Notice).where(Notice.user_id == user_id, *_alive())
    if wanted.unread:
        query = query.where(Notice.read_at.is_(None))
    if wanted.kind:
        query = query.where(Notice.kind == wanted.kind)
    return query


def _alive() -> tuple[ColumnElement[bool], ...]:
    return (Notice.expires_at > clock.now(),)


def _newest(query: Select[Notice]) -> Select[Notice]:
    return query.order_by(Notice.at.desc(), Notice.id.desc())
