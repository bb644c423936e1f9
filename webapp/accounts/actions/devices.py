"""Devices that are signed in, and their families of refresh tokens. Need an open transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from webapp.accounts import callers, queries, tokens
from webapp.accounts.agents import parts_of
from webapp.accounts.events import DeviceEnded, RefreshTokenReused, UserSignedOut
from webapp.accounts.models import Device, RefreshToken, User
from webapp.core import clock, db
from webapp.events.record import record
from webapp.events.types import Actor

SEEN_EVERY = timedelta(minutes=5)  # so exact is “last seen”
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """What a program gets for signing in or for refreshing: the secret is known to it alone."""

    user: User
    device: Device
    refresh: str


def begin(user: User, *, kind: str, user_agent: str, network: str, browser: str = "") -> Device:
    """`kind`: browser (a session) or program (a family of refresh tokens)."""
    now = clock.now()
    device = Device(
        user_id=user.id,
        key=tokens.new_secret(),
        kind=kind,
        epoch=user.epoch,
        browser=browser,
        user_agent=user_agent[:300],
        network=network,
        created_at=now,
        last_seen_at=now,
    )
    db.session().add(device)
    db.session().flush()
    return device


def begin_family(user: User, *, user_agent: str, network: str) -> Entry:
    device = begin(user, kind="program", user_agent=user_agent, network=network)
    return Entry(user, device, _next_refresh(device))


def refresh(secret: str, *, network: str) -> Entry | None:
    """The next of the family. None: it is not known, has expired, or came a second time, which ends the family."""
    now, hashed = clock.now(), tokens.hash_of(secret)
    took = db.session().scalar(
        update(RefreshToken)
        .where(
            RefreshToken.hash == hashed,
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(RefreshToken.device_id)
    )
    device_id = took or db.session().scalar(
        select(RefreshToken.device_id).where(
            RefreshToken.hash == hashed, RefreshToken.used_at.is_not(None)
        )
    )
    if device_id is None:
        return None
    device = db.session().get_one(Device, device_id)
    if took is None:
        _end_family(device)
        return None
    found = callers.person_on_device(device.key, writes=True)
    if found is None:
        return None
    device.last_seen_at, device.network = now, network
    return Entry(found.user, device, _next_refresh(device))


def device_of_refresh(secret: str) -> Device | None:
    """Whose family the token is of, used or not."""
    asked = select(Device).join(RefreshToken, RefreshToken.device_id == Device.id)
    return db.session().scalar(asked.where(RefreshToken.hash == tokens.hash_of(secret)))


def seen_long_ago(last_seen_at: datetime) -> bool:
    """Whether to write down that it is in use: at most every five minutes, for reading must not become writing."""
    return last_seen_at <= clock.now() - SEEN_EVERY


def seen(device: Device, *, network: str) -> None:
    device.last_seen_at, device.network = clock.now(), network


def sign_out(user: User, device: Device | None) -> None:
    """By the person, on that device itself."""
    if device is not None:
        _end(device)
    browser = device.browser if device else ""
    record(UserSignedOut(subject_id=user.id, everywhere=False, browser=browser), actor=user.actor)


def end(user: User, device: Device, *, actor: Actor) -> None:
    """From another device."""
    _end(device)
    fact = DeviceEnded(subject_id=user.id, device=called(device), browser=device.browser)
    record(fact, actor=actor)


def end_others(user: User, *, keep: Device | None, actor: Actor) -> int:
    """All of the person's devices but `keep`. How many were ended."""
    others = [each for each in queries.devices_of(user) if keep is None or each.id != keep.id]
    for device in others:
        end(user, device, actor=actor)
    return len(others)


def stay(device: Device | None, user: User) -> None:
    """This device remains signed in although all were just ended."""
    if device is not None:
        device.epoch = user.epoch


def called(device: Device) -> str:
    """For the audit trail: Firefox, Windows."""
    return ", ".join(part for part in parts_of(device.user_agent) if part)


def prune() -> int:
    """Forget devices that ended or were away for long. How many."""
    before = clock.now() - KEPT
    done: Any = db.session().execute(
        delete(Device)
        .where(or_(Device.ended_at < before, Device.last_seen_at < before))
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def _next_refresh(device: Device) -> str:
    now, secret = clock.now(), tokens.new_secret()
    db.session().add(
        RefreshToken(
            device_id=device.id,
            hash=tokens.hash_of(secret),
            created_at=now,
            expires_at=now + tokens.REFRESH_LASTS,
        )
    )
    return secret


def _end_family(device: Device) -> None:
    """A token came twice: one of both who have it stole it, and nobody can say which. The person is told once."""
    if device.ended_at is not None:
        return
    _end(device)
    user = queries.get_user(device.user_id)
    record(RefreshTokenReused(subject_id=user.id, device=called(device)), actor=user.actor)


def _end(device: Device) -> None:
    device.ended_at = clock.now()
