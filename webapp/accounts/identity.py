"""Who asks: the one place that finds the person of a request.

A page has a session cookie; a program has cookies with an access token, or sends a personal token. Session and access
token both name a device, whose row is looked up each time: a device that was signed out is out at its next request.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import g, request, session
from flask_login import login_user, logout_user

from webapp.accounts import callers, scopes, tokens
from webapp.accounts.actions import devices
from webapp.accounts.addresses import coarse_address
from webapp.accounts.models import ApiToken, Device, User
from webapp.accounts.roles import STAFF, Permission
from webapp.core.db import transaction
from webapp.core.web import JSON_PATHS

T = TypeVar("T")

ACCESS_COOKIE = "tulay_access"
PROGRAMS = (*JSON_PATHS, "/live")  # where a token is believed
SESSION, COOKIE, BEARER = "session", "cookie", "bearer"
KIND_OF_DEVICE = {SESSION: "browser", COOKIE: "program"}
_DEVICE = "device"  # in the session


@dataclass(frozen=True)
class Caller:
    """`way`: how they proved it. `device` is None for a personal token. `owes_factor`: their role must have one."""

    user: User
    way: str
    device: Device | None = None
    token: ApiToken | None = None
    owes_factor: bool = False
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.token.scopes.split() if self.token else scopes.SCOPES)


def caller() -> Caller | None:
    """Looked for once a request."""
    here = g._get_current_object()  # asked a dozen times a page
    if here.get("broken"):
        return None
    if "caller" not in here:
        here.caller = _found()
    found: Caller | None = here.caller
    return found


def person() -> User | None:
    found = caller()
    return found.user if found else None


def this_device() -> Device | None:
    found = caller()
    return found.device if found else None


def by_session() -> bool:
    """Whether a browser's session proved who asks."""
    found = caller()
    return found is not None and found.way == SESSION


def beside(name: str, otherwise: Callable[[], T]) -> T:
    """What `callers.ask_beside` asked for as this request began; `otherwise` where it did not, or may have changed."""
    found = caller() if request.method == "GET" else None
    if found is None or name not in found.beside:
        return otherwise()
    value: T = found.beside[name]
    return value


def device_key_in(opened: Mapping[str, Any]) -> str:
    """The key of the browser whose session this is; "" where nobody is signed in."""
    return str(opened.get(_DEVICE) or "")


def sent_token() -> str:
    """The personal token that was sent, on addresses of programs; "" for none."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    believed = kind.lower() == "bearer" and request.path.startswith(PROGRAMS)
    return value.strip() if believed else ""


def enter(user: User) -> None:
    """Sign this browser in, as a device of its own. Needs no open transaction."""
    with transaction():
        device = devices.begin(
            user,
            kind=KIND_OF_DEVICE[SESSION],
            user_agent=agent(),
            network=network(),
            browser=browser_name(),
        )
    session[_DEVICE] = device.key
    session.permanent = _is_out(user)
    login_user(user)
    g.caller = Caller(user, SESSION, device)


def _is_out(user: User) -> bool:
    """Whether they do jobs and nothing at a desk: a phone closes its browser all day long, and what waits there must
    be sent afterwards. Others are signed out when they close theirs."""
    return user.may(Permission.JOBS_WORK) and not user.may(STAFF)


def leave() -> None:
    session.pop(_DEVICE, None)
    logout_user()
    g.caller = None


def begin_family(user: User) -> devices.Entry:
    """A program's, out of this request. Needs an open transaction."""
    return devices.begin_family(user, user_agent=agent(), network=network())


def browser_name() -> str:
    """What this browser is called among a person's: random, kept in the session's cookie, and no secret."""
    if "browser" not in session:
        session["browser"] = secrets.token_hex(8)
    return str(session["browser"])


def agent() -> str:
    return request.headers.get("User-Agent", "")


def network() -> str:
    return coarse_address(request.remote_addr)


def _found() -> Caller | None:
    sent = sent_token()
    if sent:
        return _by_token(sent)
    key = device_key_in(session)
    found = _on_device(key, SESSION) if key else None
    if found is None and request.path.startswith(PROGRAMS):
        access = request.cookies.get(ACCESS_COOKIE, "")
        key = (tokens.device_key_of(access) if access else None) or ""
        found = _on_device(key, COOKIE) if key else None
    return found


def _on_device(key: str, way: str) -> Caller | None:
    found = callers.person_on_device(key, writes=request.method not in ("GET", "HEAD"))
    if found is None or found.device is None or found.device.kind != KIND_OF_DEVICE[way]:
        return None
    return Caller(found.user, way, found.device, owes_factor=found.owes_factor, beside=found.beside)


def _by_token(sent: str) -> Caller | None:
    found = callers.person_of_token(tokens.hash_of(sent))
    if found is None or found.token is None:
        return None
    known = frozenset(found.token.scopes.split())
    found.user.withheld = scopes.withheld(known)
    return Caller(found.user, BEARER, token=found.token, owes_factor=found.owes_factor)
