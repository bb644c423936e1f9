"""The only writers of accounts and of the desk's settings. Need an open transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext

from webapp.accounts import joining, passwords, queries
from webapp.accounts.actions import signing_in
from webapp.accounts.addresses import normal_email
from webapp.accounts.events import DeskEdited, UserCreated, UserEdited, UserSignedOut
from webapp.accounts.models import Desk, User
from webapp.accounts.roles import ROLES, Permission, permissions_of
from webapp.core import clock, db
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor


def create_user(
    email: str, *, name: str, role: str, password: str, actor: Actor, timezone: str = "Asia/Manila"
) -> User:
    """A new account. Raises Invalid for an e-mail in use, an unknown role or a short password."""
    email = normal_email(email)
    if queries.find_user_by_email(email) is not None:
        raise Invalid(
            "That e-mail address is in use.", fields={"email": "Somebody already has this address."}
        )
    check_role(role)
    _check_password(password)
    user = User(
        email=email,
        name=name,
        role=role,
        timezone=timezone,
        password_hash=passwords.hash_password(password),
        created_at=clock.now(),
        epoch=1,
        active=True,
        shortcuts=True,
        totp_step=0,
        totp_sealed="",
    )
    db.session().add(user)
    db.session().flush()
    record(UserCreated(subject_id=user.id, role=role), actor=actor)
    return user


def edit_user(user: User, *, actor: Actor, **values: str | bool) -> None:
    """Change name, role, timezone, shortcuts or active.

    A new role or a deactivation ends the person's sessions.
    """
    _check_somebody_manages(user, role=values.get("role"), active=values.get("active"))
    changes: dict[str, list[str]] = {}
    for field in ("name", "role", "timezone", "shortcuts", "active"):
        if field in values and values[field] != getattr(user, field):
            changes[field] = [str(getattr(user, field)), str(values[field])]
            setattr(user, field, values[field])
    check_role(user.role)
    _check_timezone(user.timezone)
    if not changes:
        return
    if {"role", "active"} & changes.keys():
        user.epoch += 1
    record(UserEdited(subject_id=user.id, changes=changes), actor=actor)


def set_password(user: User, *, password: str, actor: Actor, browser: str = "") -> None:
    """Ends all sessions of the person, everywhere. `browser`: the one that stays signed in."""
    _check_password(password)
    user.password_hash = passwords.hash_password(password)
    user.epoch += 1
    signing_in.forgive(user)
    changes = {"password": ["old", "new"]}
    record(UserEdited(subject_id=user.id, changes=changes, browser=browser), actor=actor)


def sign_out_everywhere(user: User, *, actor: Actor) -> None:
    user.epoch += 1
    record(UserSignedOut(subject_id=user.id, everywhere=True), actor=actor)


def edit_desk(
    *,
    actor: Actor,
    name: str,
    intro: str,
    timezone: str,
    public_reports: bool,
    large_import: int = 500,
    undo_send_s: int = 15,
) -> Desk:
    """The organisation's name, welcome text, time zone, whether people may report without an account, from how
    many new records of one sync on admins are mailed, and for how long an answer can be called back."""
    _check_timezone(timezone)
    values = {
        "name": name,
        "intro": intro,
        "timezone": timezone,
        "public_reports": public_reports,
        "large_import": large_import,
        "undo_send_s": undo_send_s,
    }
    return _set_desk(values, actor=actor)


def set_tiles(*, url: str, credit: str, actor: Actor) -> Desk:
    """Where the map's pictures come from, and whom it thanks for them. Without an address it has none."""
    return _set_desk({"tiles_url": url, "tiles_credit": credit}, actor=actor)


def set_access(
    *,
    actor: Actor,
    factor_roles: Sequence[str],
    signup: str = joining.INVITED,
    signup_domains: Sequence[str] = (),
    signup_role: str = "reporter",
) -> Desk:
    """Which roles must have a second factor, who may join, and as what."""
    check_role(signup_role)
    values = {
        "factor_roles": " ".join(factor_roles),
        "signup": signup,
        "signup_domains": " ".join(signup_domains),
        "signup_role": signup_role,
    }
    return _set_desk(values, actor=actor)


def _set_desk(values: Mapping[str, Any], *, actor: Actor) -> Desk:
    desk = queries.desk()
    changes = {
        f: [str(getattr(desk, f)), str(v)] for f, v in values.items() if getattr(desk, f) != v
    }
    for field, value in values.items():
        setattr(desk, field, value)
    db.session().add(desk)
    db.session().flush()
    if changes:
        record(DeskEdited(subject_id=desk.id, changes=changes), actor=actor)
    return desk


def _check_somebody_manages(
    user: User, *, role: str | bool | None, active: str | bool | None
) -> None:
    """The last person who may manage the desk can neither be deactivated nor lose that role."""
    manage = Permission.DESK_MANAGE
    stays = active in (None, True) and (role is None or manage in permissions_of(str(role)))
    managers = queries.people_who_may(manage)
    if not stays and user in managers and len(managers) == 1:
        words = gettext("This is the only admin. Make somebody else admin first.")
        raise Invalid(words, fields={"role": words})


def check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid("There is no such role.", fields={"role": "Please choose one of the list."})


def _check_password(password: str) -> None:
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        words = f"A password has at least {passwords.SHORTEST} and at most {passwords.LONGEST} characters."
        raise Invalid(words, fields={"password": words})


def _check_timezone(timezone: str) -> None:
    if timezone not in available_timezones():
        raise Invalid(
            "There is no such time zone.", fields={"timezone": "Please choose one of the list."}
        )
