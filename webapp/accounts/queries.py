"""Readings of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from webapp.accounts.models import Desk, User
from webapp.accounts.roles import ROLES, Permission
from webapp.core import db
from webapp.core.errors import NotFound

_BY_ID = select(User).where(User.id == bindparam("id"))  # made once: each request asks


def user_of_session(session_id: str) -> User | None:
    """The user of a session cookie `id.epoch`; None when all sessions of that epoch were ended."""
    raw_id, _, epoch = session_id.partition(".")
    if not (raw_id.isdigit() and epoch.isdigit()):
        return None
    user = db.session().scalar(_BY_ID, {"id": int(raw_id)})
    return user if user is not None and user.active and user.epoch == int(epoch) else None


def find_user_by_email(email: str) -> User | None:
    return db.session().scalar(select(User).where(User.email == email.strip().lower()))


def get_user(user_id: int) -> User:
    user = db.session().get(User, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def find_name(user_id: int | None) -> str:
    """What the person is called; "" for nobody."""
    if user_id is None:
        return ""
    return db.session().scalar(select(User.name).where(User.id == user_id)) or ""


def all_users() -> Sequence[User]:
    return db.session().scalars(select(User).order_by(User.active.desc(), User.name)).all()


def people_who_may(permission: Permission) -> Sequence[User]:
    """Active people whose role holds `permission`, by name."""
    roles = [role for role, permissions in ROLES.items() if permission in permissions]
    return (
        db.session()
        .scalars(
            select(User).where(User.role.in_(roles), User.active.is_(True)).order_by(User.name)
        )
        .all()
    )


def any_user() -> bool:
    return bool(
        db.session().scalar(select(func.count()).select_from(select(User.id).limit(1).subquery()))
    )


def desk() -> Desk:
    """The organisation; a fresh, unsaved one with defaults before the first start."""
    found = db.session().scalar(select(Desk).limit(1))
    return found or Desk(
        name="Tulay",
        intro="",
        timezone="Asia/Manila",
        public_reports=True,
        large_import=500,
        undo_send_s=15,
        tiles_url="",
        tiles_credit="",
    )
