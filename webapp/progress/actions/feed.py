"""A person's own feed: what facts leave there, and what a person does with it."""

from __future__ import annotations

from sqlalchemy import select, update

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.progress.models import Activity


def add_activity(user: User, *, type: str, title: str, link: str = "") -> Activity:  # noqa: A002
    row = Activity(user_id=user.id, type=type, title=title, link=link, at=clock.now())
    db.session().add(row)
    db.session().flush()
    return row


def mark_read(row: Activity) -> None:
    row.read_at = row.read_at or clock.now()


def mark_all_read(user: User) -> int:
    """How many were unread."""
    unread = select(Activity.id).where(Activity.user_id == user.id, Activity.read_at.is_(None))
    ids = db.session().scalars(unread).all()
    db.session().execute(update(Activity).where(Activity.id.in_(ids)).values(read_at=clock.now()))
    return len(ids)


def delete_activity(row: Activity) -> None:
    db.session().delete(row)
