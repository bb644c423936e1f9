"""Readings of who asks: each request begins with one, and what nearly every page needs besides comes with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from webapp.accounts.models import ApiToken, Desk, Device, User
from webapp.accounts.queries import DESK, IDLE
from webapp.core import among, clock, db, reading
from webapp.core.entities import Entities

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
def _on_device(*, writes: bool) -> Entities:
    def more(query: Select[Any]) -> Select[Any]:
        query = query.select_from(User).join(Device, Device.user_id == User.id)
        if writes:
            query = query.outerjoin(Desk, _OWN_DESK)
        return query.where(Device.key == bindparam("key"), *_SIGNED_IN)

    beside = chain.from_iterable(map(_columns, _beside.values()))
    return Entities(User, Device, Desk if writes else _FACTOR_ROLES, *beside, more=more)


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
    if not writes:
        reading.alone(db.session())
    now = clock.now()
    asked = {"key": key, "since": now - IDLE, "now": now}
    row = _on_device(writes=writes).first(asked)
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


def person_of_token(hashed: str) -> Found | None:
    """None when the token has expired or was revoked."""
    row = db.session().execute(_BY_TOKEN, {"hash": hashed, "now": clock.now()}).one_or_none()
    if row is None:
        return None
    user, token, own = row
    return Found(user, None, token, _came(user, own))


def _told_beside(values: Iterator[Any]) -> dict[str, Any]:
    return {
        name: tuple(islice(values, len(asked))) if isinstance(asked, tuple) else next(values)
        for name, asked in _beside.items()
    }


def _columns(asked: Beside) -> tuple[ColumnElement[Any], ...]:
    return asked if isinstance(asked, tuple) else (asked,)


def _came(user: User, own: Desk | str | None) -> bool:
    """Who asks, and the desk, count for the whole request as they are now. Whether the person owes a factor."""
    db.stays(user)
    roles = own
    if isinstance(own, Desk):
        db.stays(own)
        db.session().info[DESK] = own
        roles = own.factor_roles
    return _owes(user.role, user.totp_since, None if roles is None else str(roles))


def _owes(role: str, totp_since: datetime | None, factor_roles: str | None) -> bool:
    return totp_since is None and role in (factor_roles or "").split()
