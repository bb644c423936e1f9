"""Readings of accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, islice
from typing import Any

from flask_babel import gettext
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)

from webapp.accounts import joining, tokens
from webapp.accounts.addresses import normal_email
from webapp.accounts.models import AccountLink, ApiToken, Desk, Device, RecoveryCode, User
from webapp.accounts.roles import ROLES, Permission
from webapp.core import among, clock, db
from webapp.core.errors import NotFound

_DESK = "desk"  # in a session that somebody's request has
IDLE = timedelta(days=30)  # a device that was away for so long is signed out


Beside = ColumnElement[Any] | tuple[ColumnElement[Any], ...]


@dataclass(frozen=True)
class Found:
    """Whom a key or a token stands for. `owes_factor`: their role must have a second factor and they have none.

    `beside`: what `ask_beside` adds.
    """

    user: User
    device: Device | None
    token: ApiToken | None
    owes_factor: bool
    beside: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The same of a device in few words: all that decides what its person may."""

    user_id: int
    role: str
    kind: str
    last_seen_at: datetime
    owes_factor: bool


# Made once: each request asks. What only reads a page needs of the desk which roles must have a second factor.
_SIGNED_IN = (
    Device.ended_at.is_(None),
    Device.epoch == User.epoch,
    Device.last_seen_at > bindparam("since"),
    User.active,
)
_FACTOR_ROLES = select(Desk.factor_roles).order_by(Desk.id).limit(1).scalar_subquery()
_OWN_DESK = Desk.id == select(func.min(Desk.id)).scalar_subquery()
_beside: dict[str, Beside] = {}


def ask_beside(**columns: Beside) -> None:
    """What nearly every page needs besides the person, asked in the same statement: scalars, bound to `User` and to
    the parameter `now`; several together come as one tuple. For packages above this one, as they are loaded."""
    _beside.update(columns)
    _on_device.cache_clear()


@cache
def _on_device(*, writes: bool) -> Select[*tuple[Any, ...]]:
    beside = chain.from_iterable(map(_columns, _beside.values()))
    query = select(User, Device, Desk if writes else _FACTOR_ROLES, *beside)
    query = query.join(Device, Device.user_id == User.id)
    if writes:
        query = query.outerjoin(Desk, _OWN_DESK)
    return query.where(Device.key == bindparam("key"), *_SIGNED_IN)


@cache
def _on_devices(dialect: str) -> Select[*tuple[Any, ...]]:
    device = Device.key, Device.kind, Device.last_seen_at
    return (
        select(*device, User.id, User.role, User.totp_since, _FACTOR_ROLES)
        .join(User, Device.user_id == User.id)
        .where(among.among_given(Device.key, "keys", dialect), *_SIGNED_IN)
    )


_BY_TOKEN = (
    select(User, ApiToken, Desk)
    .join(ApiToken, ApiToken.user_id == User.id)
    .outerjoin(Desk, _OWN_DESK)
    .where(
        ApiToken.hash == bindparam("hash"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        User.active,
    )
)


def person_on_device(key: str, *, writes: bool) -> Found | None:
    """None when that device was signed out, or all of the person's. `writes`: the desk's settings are read with it."""
    now = clock.now()
    asked = {"key": key, "since": now - IDLE, **({"now": now} if _beside else {})}
    row = db.session().execute(_on_device(writes=writes), asked).one_or_none()
    if row is None:
        return None
    user, device, own, *more = row
    return Found(user, device, None, _came(user, own), _told_beside(iter(more)))


def people_on_devices(connection: Connection, keys: Collection[str]) -> dict[str, Known]:
    """For each key of a device that is still signed in: whom it stands for."""
    dialect = connection.dialect.name
    asked = {"keys": among.given(keys, dialect), "since": clock.now() - IDLE}
    return {
        key: Known(user_id, role, kind, seen, _owes(role, totp_since, factor_roles))
        for key, kind, seen, user_id, role, totp_since, factor_roles in connection.execute(
            _on_devices(dialect), asked
        )
    }


def _told_beside(values: Iterator[Any]) -> dict[str, Any]:
    return {
        name: tuple(islice(values, len(asked))) if isinstance(asked, tuple) else next(values)
        for name, asked in _beside.items()
    }


def _columns(asked: Beside) -> tuple[ColumnElement[Any], ...]:
    return asked if isinstance(asked, tuple) else (asked,)


def person_of_token(hashed: str) -> Found | None:
    """None when the token has expired or was revoked."""
    row = db.session().execute(_BY_TOKEN, {"hash": hashed, "now": clock.now()}).one_or_none()
    if row is None:
        return None
    user, token, own = row
    return Found(user, None, token, _came(user, own))


def _came(user: User, own: Desk | str | None) -> bool:
    """Who asks, and the desk, count for the whole request as they are now. Whether the person owes a factor."""
    db.stays(user)
    roles = own
    if isinstance(own, Desk):
        db.stays(own)
        db.session().info[_DESK] = own
        roles = own.factor_roles
    return _owes(user.role, user.totp_since, None if roles is None else str(roles))


def _owes(role: str, totp_since: datetime | None, factor_roles: str | None) -> bool:
    return totp_since is None and role in (factor_roles or "").split()


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
    found = db.session().info.get(_DESK) or db.session().scalar(select(Desk).limit(1))
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
