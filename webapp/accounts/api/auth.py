"""Signing in and out for programs."""

from __future__ import annotations

from typing import TypeVar

from flask import Response, jsonify, make_response, request
from flask_babel import gettext as _
from pydantic import BaseModel

from webapp.accounts import identity, queries
from webapp.accounts.actions import devices, links, signing_in
from webapp.accounts.api import bp, cookies
from webapp.accounts.forms import ApiJoin, ApiLogin, AskForm
from webapp.accounts.guards import (
    SignedOut,
    before_factor,
    check_double_submit,
    checks_csrf_itself,
    public,
    signed_in,
    viewer,
)
from webapp.accounts.limits import limiter
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import Invalid, TooMany

_SIGNUP = {"email", "name", "password", "token"}
Model = TypeVar("Model", bound=BaseModel)


@bp.post("/login")
@public
@checks_csrf_itself
@limiter.limit("30 per minute")
def login() -> Response:
    """`{"email", "password", "code"}` → the person, and cookies with an access and a refresh token."""
    form = _json(ApiLogin)
    with transaction():
        tried = signing_in.try_password(
            form.email, password=form.password, network=identity.network()
        )
        asks_code = tried.half is not None and not form.code
        if tried.half is not None and form.code:
            tried = signing_in.try_code(tried.half, form.code, network=identity.network())
        entry = identity.begin_family(tried.user) if tried.user else None
    if asks_code:
        raise SignedOut(_("Send the code of your second factor, too."), code="second_factor")
    if entry is None:
        raise _refused(tried.wait)
    return cookies.answer(entry)


@bp.post("/signup")
@public
@checks_csrf_itself
@limiter.limit("10 per minute")
def signup() -> Response:
    """`{"email", "name"}` → 202 and a mail with a link; `{"token", "name", "password"}`, the token being the last part
    of that link or of an invitation's → 201, the person and cookies."""
    if "token" in api.sent(_SIGNUP):
        joined = _json(ApiJoin)
        with transaction():
            user = links.join(joined.token, name=joined.name, password=joined.password)
            entry = identity.begin_family(user)
        return cookies.answer(entry, 201)
    asked = _json(AskForm)
    with transaction():
        links.ask_to_join(asked.email, name=asked.name)
    answer = jsonify(status="mailed")
    answer.status_code = 202
    return answer


@bp.post("/refresh")
@public
@checks_csrf_itself
@limiter.limit("60 per minute")
def refresh() -> Response:
    """The refresh cookie brings the next access and refresh tokens; each counts once."""
    secret = cookies.sent_refresh()
    device = devices.device_of_refresh(secret) if secret else None
    if device is None:
        raise SignedOut(_("You are signed out. Sign in again."))
    check_double_submit(device.key)
    with transaction():
        entry = devices.refresh(secret, network=identity.network())
    if entry is None:
        raise SignedOut(_("You are signed out. Sign in again."))
    return cookies.answer(entry)


@bp.post("/logout")
@public
@checks_csrf_itself
def logout() -> Response:
    """Ends the family, whether or not its access token has expired."""
    secret, caller = cookies.sent_refresh(), identity.caller()
    device = devices.device_of_refresh(secret) if secret else None
    if device is None and caller is not None and caller.way == identity.COOKIE:
        device = caller.device
    if device is None:
        raise SignedOut(_("You are signed out. Sign in again."))
    check_double_submit(device.key)
    if device.ended_at is None:
        with transaction():
            devices.sign_out(queries.get_user(device.user_id), device)
    return cookies.clear(make_response("", 204))


@bp.get("/me")
@signed_in
@before_factor
def me() -> Response:
    """Who asks, by session, token cookies or personal token."""
    return jsonify(user=cookies.person(viewer()))


def _json(model: type[Model]) -> Model:
    """A form of another site cannot send JSON: its type is what keeps sign-ins from being forged."""
    if not request.is_json:
        raise Invalid(_("Send a JSON object with Content-Type: application/json."))
    return api.parsed(model)


def _refused(wait: int) -> Exception:
    if wait:
        words = _("Too many wrong tries. Try again in %(seconds)s seconds.", seconds=wait)
        return TooMany(words, retry_after=wait)
    return SignedOut(_("E-mail, password and code do not fit together."), code="wrong_password")
