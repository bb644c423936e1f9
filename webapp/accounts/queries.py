"""Readings of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from flask_babel import gettext
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    select,
)

from webapp.accounts import joining, tokens
from webapp.accounts.addresses import normal_email
from webapp.accounts.models import AccountLink, ApiToken, Desk, Device, RecoveryCode, User
from webapp.accounts.roles import ROLES, Permission
from webapp.core import clock, db
from webapp.core.errors import NotFound

DESK = "desk"  # in a session that somebody's request has
IDLE = timedelta(days=30)  # a device that was away for so long is signed out


def devices_of(user: User) -> Sequence[Device]:
    """Those that are signed in, the last seen first."""
    alive = Device.user_id == user.id, Device.ended_at.is_(None), Device.epoch == user.epoch
    query = select(Device).where(*alive, Device.last_seen_at > clock.now() - IDLE)
    order = Device.last_seen_at.desc(), Device.id.desc()
    return db.session().scalars(query.order_by(*order)).all()


def device_of(user: User, device_id: int) -> Device:
    device = db.session().get(Device, device_id)
    if device is None or device.user_id != user.id or device.ended_at:
        raise NotFound("There is no such device, or it is signed out already.")
    return device


def tokens_of(user: User) -> Sequence[ApiToken]:
    """Not those that were revoked; the newest first."""
    alive = ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None)
    return db.session().scalars(select(ApiToken).where(*alive).order_by(ApiToken.id.desc())).all()


def token_of(user: User, token_id: int) -> ApiToken:
    token = db.session().get(ApiToken, token_id)
    if token is None or token.user_id != user.id or token.revoked_at:
        raise NotFound("There is no such token, or it is revoked already.")
    return token


def open_link(secret: str, *kinds: str) -> AccountLink:
    """Raises NotFound for one that is not known, was used, was withdrawn or has expired."""
    good = AccountLink.used_at.is_(None), AccountLink.ended_at.is_(None)
    asked = select(AccountLink).where(AccountLink.hash == tokens.hash_of(secret), *good)
    link = db.session().scalar(asked)
    if link is None or link.kind not in kinds or link.expires_at <= clock.now():
        raise NotFound(gettext("This link has expired, or was used already. Ask for a new one."))
    return link


def open_invitations() -> Sequence[AccountLink]:
    waits = AccountLink.used_at.is_(None), AccountLink.ended_at.is_(None)
    mine = AccountLink.kind == joining.INVITE, AccountLink.expires_at > clock.now()
    asked = select(AccountLink).where(*mine, *waits).order_by(AccountLink.id.desc())
    return db.session().scalars(asked).all()


def get_invitation(link_id: int) -> AccountLink:
    link = next((each for each in open_invitations() if each.id == link_id), None)
    if link is None:
        raise NotFound(gettext("There is no such invitation, or it was used already."))
    return link


def recovery_codes_left(user: User) -> int:
    good = RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    return db.session().scalar(select(func.count()).where(*good)) or 0


def find_user_by_email(email: str) -> User | None:
    return db.session().scalar(select(User).where(User.email == normal_email(email)))


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


def names_of(user_ids: Sequence[int]) -> dict[int, str]:
    """Of those who are not deactivated."""
    if not user_ids:
        return {}
    query = select(User.id, User.name).where(User.id.in_(user_ids), User.active)
    return {row.id: row.name for row in db.session().execute(query)}


def all_users() -> Sequence[User]:
    return db.session().scalars(select(User).order_by(User.active.desc(), User.name)).all()


def people_who_may(permission: Permission) -> Sequence[User]:
    """Active people whose role holds `permission`, by name."""
    return db.session().scalars(_those_who_may(permission)).all()


@cache
def _those_who_may(permission: Permission) -> Select[User]:
    return select(User).where(who_may(permission)).order_by(User.name)


def who_may(permission: Permission) -> ColumnElement[bool]:
    """As a condition on people: active, of a role that holds `permission`. The roles are written out: SQLAlchemy puts
    values of an IN into the statement anew each time."""
    roles = [role for role, held in ROLES.items() if permission in held]
    written: list[ColumnElement[str]] = [literal_column(f"'{role}'") for role in roles]
    return and_(User.active.is_(True), User.role.in_(written))


def any_user() -> bool:
    return bool(
        db.session().scalar(select(func.count()).select_from(select(User.id).limit(1).subquery()))
    )


def desk() -> Desk:
    """The organisation; a fresh, unsaved one with defaults before the first start."""
    found = db.session().info.get(DESK) or db.session().scalar(select(Desk).limit(1))
    return found or Desk(
        name="Tulay",
        intro="",
        timezone="Asia/Manila",
        public_reports=True,
        large_import=500,
        undo_send_s=15,
        tiles_url="",
        tiles_credit="",
        signup="invited",
        signup_domains="",
        signup_role="reporter",
        factor_roles="",
    )
