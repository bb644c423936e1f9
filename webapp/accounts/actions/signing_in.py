"""Signing in by password, and how wrong ones slow it down. Need an open transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from webapp.accounts import passwords, queries, signin
from webapp.accounts.actions import second_factor
from webapp.accounts.addresses import normal_email
from webapp.accounts.events import SignInSlowed, UserSignedIn
from webapp.accounts.models import Tries, User
from webapp.accounts.signin import Patience
from webapp.core import clock, db
from webapp.core.inserting import insert_into
from webapp.events.record import record


@dataclass(frozen=True)
class Tried:
    """`user`: who is let in. `half`: whose password fits, and whose second factor is asked for now.

    `wait`: seconds until the next try counts, the same for addresses nobody here has.
    """

    user: User | None = None
    half: User | None = None
    wait: int = 0


def try_password(email: str, *, password: str, network: str, browser: str = "") -> Tried:
    """Counts what is wrong; what was right is recorded as a sign-in."""
    user = queries.find_user_by_email(email)
    fits = passwords.matches(user.password_hash if user else None, password)
    keys = _keys(email, network)
    wait = _wait(keys)
    if wait:
        return Tried(wait=wait)
    if user is None or not (fits and user.active):
        return Tried(wait=_count_failure(keys, user))
    if user.totp_since is not None:
        return Tried(half=user)  # what was wrong before is forgiven only to who passes whole
    return Tried(user=_let_in(user, browser))


def try_code(user: User, code: str, *, network: str, browser: str = "") -> Tried:
    """The second factor of somebody whose password fitted. Wrong ones slow down as passwords do."""
    keys = _keys(user.email, network)
    wait = _wait(keys)
    if wait:
        return Tried(wait=wait)
    if not second_factor.fits(user, code):
        return Tried(wait=_count_failure(keys, user))
    return Tried(user=_let_in(user, browser))


def forgive(user: User) -> None:
    """A new password: what was wrong before no longer counts."""
    db.session().execute(delete(Tries).where(Tries.key == _key("email", user.email)))


def prune() -> int:
    done: Any = db.session().execute(
        delete(Tries).where(Tries.last_at < clock.now() - signin.FORGOTTEN_AFTER)
    )
    return int(done.rowcount)


def _let_in(user: User, browser: str) -> User:
    forgive(user)
    user.last_seen_at = clock.now()
    record(UserSignedIn(subject_id=user.id, browser=browser), actor=user.actor)
    return user


def _count_failure(keys: Mapping[str, Patience], user: User | None) -> int:
    """One more for each of `keys`. Seconds to wait now."""
    now, longest = clock.now(), 0
    for key, patience in keys.items():
        row = _row(key, now)
        row.failures = signin.failures_left(row.failures, row.last_at, now) + 1
        row.last_at = now
        wait = signin.wait_after(row.failures, patience)
        row.wait_until = now + wait if wait else None
        longest = max(longest, int(wait.total_seconds()))
    if longest and user is not None:
        record(SignInSlowed(subject_id=user.id, seconds=longest), actor=user.actor)
    return longest


def _wait(keys: Mapping[str, Patience]) -> int:
    now = clock.now()
    until = db.session().scalars(select(Tries.wait_until).where(Tries.key.in_(list(keys))))
    return max((signin.seconds_left(each, now) for each in until), default=0)


def _row(key: str, now: datetime) -> Tries:
    """Locked, and made where it is missing, whoever else makes it at the same moment."""
    added = insert_into(Tries).values(key=key, failures=0, last_at=now)
    db.session().execute(added.on_conflict_do_nothing(index_elements=["key"]))
    return db.session().scalars(select(Tries).where(Tries.key == key).with_for_update()).one()


def _keys(email: str, network: str) -> dict[str, Patience]:
    """What tries are counted by."""
    keys = {_key("email", normal_email(email)): signin.WITH_EMAIL}
    if network:
        keys[_key("network", network)] = signin.WITH_NETWORK
    return keys


def _key(kind: str, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"
