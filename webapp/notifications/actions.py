"""What people do to their notices. None commits; that they come is written by `writing`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import CursorResult, delete, update

from webapp.core import clock, db
from webapp.notifications import emitting
from webapp.notifications.models import Notice


def mark(notice: Notice, *, read: bool) -> None:
    """Read, or unread again."""
    if (notice.read_at is not None) != read:
        notice.read_at = clock.now() if read else None
        emitting.changed(notice.user_id)


def mark_read(user_id: int, *, ids: Collection[int] = (), thing: str = "") -> int:
    """Those of `ids`, those about `thing`, or all. How many were unread."""
    query = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if ids:
        query = query.where(Notice.id.in_(ids))
    if thing:
        query = query.where(Notice.thing == thing)
    return _done(query.values(read_at=clock.now()), user_id)


def remove(notice: Notice) -> None:
    db.session().delete(notice)
    emitting.changed(notice.user_id)


def clear(user_id: int) -> int:
    return _done(delete(Notice).where(Notice.user_id == user_id), user_id)


def forget_expired() -> int:
    found = db.session().execute(delete(Notice).where(Notice.expires_at <= clock.now()))
    return found.rowcount if isinstance(found, CursorResult) else 0


def _done(statement: Any, user_id: int) -> int:
    found = db.session().execute(statement.execution_options(synchronize_session=False))
    db.session().expire_all()
    count = found.rowcount if isinstance(found, CursorResult) else 0
    if count:
        emitting.changed(user_id)
    return count
