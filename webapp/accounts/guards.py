"""Every route is closed unless it says who may enter. The decorators only mark; `enforce` decides."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from webapp.accounts import queries
from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core.errors import AppError, Forbidden
from webapp.core.web import is_broken, is_htmx, wants_json

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"


class SignedOut(AppError):
    status = 401
    code = "signed_out"


def public(view: View) -> View:
    """Open to everybody, with or without an account."""
    return _mark(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open to everybody with an account."""
    return _mark(view, SIGNED_IN)


def requires(permission: Permission) -> Callable[[View], View]:
    """Open to those whose role holds `permission`."""
    return lambda view: _mark(view, permission)


def viewer() -> User:
    """The signed-in user. Raises SignedOut."""
    if not current_user.is_authenticated:
        raise SignedOut(gettext("You are signed out. Sign in again."))
    user: User = current_user._get_current_object()
    return user


def browser_name() -> str:
    """What this browser is called among a person's: random, kept in the session's cookie, and no secret."""
    if "browser" not in session:
        session["browser"] = secrets.token_hex(8)
    return str(session["browser"])


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(
        lambda session_id: None if is_broken() else queries.user_of_session(session_id)
    )
    app.before_request(enforce)


def enforce() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access == PUBLIC:
        return None
    if access is None:
        raise Forbidden(gettext("This page is closed."))
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if access != SIGNED_IN and not current_user.may(access):
        raise Forbidden(gettext("Your role does not allow this. Ask an admin if you need it."))
    return None


def _ask_to_sign_in() -> Response:
    # A redirect inside a fragment or a stream would put the sign-in page into the page.
    if is_htmx() or wants_json() or request.method != "GET":
        raise SignedOut(gettext("You are signed out. Sign in again, then repeat this."))
    return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))


def _mark(view: View, access: str | Permission) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
