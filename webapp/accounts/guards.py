"""Every route is closed unless it says who may enter. The decorators only mark; `enforce` decides."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask_babel import gettext
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from webapp.accounts import identity, scopes, tokens
from webapp.accounts.actions import api_tokens, devices
from webapp.accounts.identity import Caller
from webapp.accounts.models import User
from webapp.accounts.roles import Permission, permissions_of
from webapp.core.db import transaction
from webapp.core.errors import AppError, Forbidden
from webapp.core.web import CSRF_HEADERS, is_htmx, wants_json

View = TypeVar("View", bound=Callable[..., Any])

PERSON = "Tulay-Person"  # their number: asked for by a device that keeps changes of theirs, told with each page

PUBLIC = "public"
SIGNED_IN = "signed in"


class SignedOut(AppError):
    status = 401
    code = "signed_out"


class SomebodyElse(SignedOut):
    """What was sent belongs to another person than the one who is signed in here."""

    code = "somebody_else"


class BadToken(AppError):
    """The personal token that was sent is not known, has expired or was revoked."""

    status = 401
    code = "bad_token"
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer error="invalid_token"'})


class NeedsFactor(Forbidden):
    code = "second_factor_needed"


class NotInScope(Forbidden):
    code = "scope"


def public(view: View) -> View:
    """Open to everybody, with or without an account."""
    return _mark(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open to everybody with an account."""
    return _mark(view, SIGNED_IN)


def requires(permission: Permission) -> Callable[[View], View]:
    """Open to those whose role holds `permission`."""
    return lambda view: _mark(view, permission)


def checks_csrf_itself(view: View) -> View:
    """It believes no session: it takes JSON alone, which no form can send, or compares the header itself."""
    view.checks_csrf = True  # type: ignore[attr-defined]
    return view


def no_personal_tokens(view: View) -> View:
    """A personal token cannot be used to make or end other ways in."""
    view.no_tokens = True  # type: ignore[attr-defined]
    return view


def before_factor(view: View) -> View:
    """Open also to those who must set up a second factor first."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


def viewer() -> User:
    """The signed-in user. Raises SignedOut."""
    user = identity.person()
    if user is None:
        raise SignedOut(gettext("You are signed out. Sign in again."))
    return user


def reporter_here() -> User | None:
    """Who is signed in, when their role opens nothing of the desk: somebody who reports."""
    user = identity.person()
    return user if user is not None and not permissions_of(user.role) else None


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    # Nobody asks how fresh a session is; a device is looked up each time.
    manager.session_protection = None
    manager.request_loader(lambda _request: identity.person())
    app.before_request(enforce)
    app.after_request(_say_who)


def enforce() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    caller = identity.caller()
    if caller is None and identity.sent_token():
        raise BadToken(gettext("This token is not known, has expired or was revoked."))
    _check_person(caller)
    _check_csrf(caller, view)
    if caller is not None:
        _check_scope(caller, view)
        _note_seen(caller)
        leads_elsewhere = _check_factor(caller, view)
        if leads_elsewhere is not None:
            return leads_elsewhere
    access = getattr(view, "access", None)
    if access == PUBLIC:
        return None
    if access is None:
        raise Forbidden(gettext("This page is closed."))
    if caller is None:
        return _ask_to_sign_in()
    if access != SIGNED_IN and not caller.user.may(access):
        raise _refusal(caller, access)
    return None


def check_double_submit(device_key: str) -> None:
    """The header repeats what only our own pages can read from the cookie. Raises CSRFError."""
    sent = next((request.headers[name] for name in CSRF_HEADERS if name in request.headers), "")
    if not tokens.csrf_fits(device_key, sent):
        raise CSRFError("The CSRF token is missing or belongs to another device.")


def _check_person(caller: Caller | None) -> None:
    """A device sends what somebody did on it only as that person, whoever signed in meanwhile."""
    meant = request.headers.get(PERSON)
    if meant is not None and caller is None:
        raise SignedOut(gettext("You are signed out. Sign in again."))
    if meant is not None and caller is not None and meant != str(caller.user.id):
        raise SomebodyElse(gettext("Somebody else is signed in here. Sign in again."))


def _say_who(response: Response) -> Response:
    """So that a device keeps each person's pages apart, and notices when one is signed out."""
    if response.mimetype == "text/html" and response.status_code < 500:
        user = identity.person()
        response.headers[PERSON] = str(user.id) if user else "0"
    return response


def _check_csrf(caller: Caller | None, view: Callable[..., Any]) -> None:
    if getattr(view, "checks_csrf", False) or (caller and caller.way == identity.BEARER):
        return  # a browser sends no bearer token by itself
    if caller is not None and caller.way == identity.COOKIE and caller.device is not None:
        if scopes.needed_for(request.method) == scopes.WRITE:
            check_double_submit(caller.device.key)
    elif current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect(apply_exemptions=True)


def _check_scope(caller: Caller, view: Callable[..., Any]) -> None:
    needed = scopes.needed_for(request.method)
    if needed not in caller.scopes:
        raise NotInScope(gettext("This token lacks the scope “%(scope)s”.", scope=needed))
    if caller.token is not None and getattr(view, "no_tokens", False):
        raise NotInScope(gettext("A personal token cannot do this: sign in."))


def _refusal(caller: Caller, access: Permission) -> AppError:
    if access in caller.user.withheld:
        return NotInScope(gettext("This token lacks the scope “%(scope)s”.", scope=scopes.ADMIN))
    return Forbidden(gettext("Your role does not allow this. Ask an admin if you need it."))


def _note_seen(caller: Caller) -> None:
    device, token = caller.device, caller.token
    if device is not None and devices.seen_long_ago(device.last_seen_at):
        with transaction():
            devices.seen(device, network=identity.network())
    used = token.last_used_at if token is not None else None
    if token is not None and (used is None or devices.seen_long_ago(used)):
        with transaction():
            api_tokens.note_used(token)


def _check_factor(caller: Caller, view: Callable[..., Any]) -> Response | None:
    """Whose role must have a second factor sets one up first, whatever they came for."""
    if not caller.owes_factor or getattr(view, "before_factor", False):
        return None
    if _is_page():
        return redirect(url_for("accounts.second_factor"))
    raise NeedsFactor(gettext("Your role needs a second factor. Set one up in your account first."))


def _is_page() -> bool:
    program = request.path.startswith(identity.PROGRAMS) or wants_json()
    return request.method == "GET" and not is_htmx() and not program


def _ask_to_sign_in() -> Response:
    # A redirect inside a fragment or a stream would put the sign-in page into the page.
    if not _is_page():
        raise SignedOut(gettext("You are signed out. Sign in again, then repeat this."))
    return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))


def _mark(view: View, access: str | Permission) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
