"""One's own second factor for programs that signed in: set up, confirmed by a code, new recovery codes, removed."""

from __future__ import annotations

from flask import Response, jsonify, make_response
from flask_babel import gettext as _

from webapp.accounts import identity, queries, totp
from webapp.accounts.actions import second_factor as factor
from webapp.accounts.api import bp
from webapp.accounts.forms import CodeForm, ConfirmForm
from webapp.accounts.guards import before_factor, no_personal_tokens, signed_in, viewer
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import Conflict


@bp.get("/second-factor")
@signed_in
@before_factor
def second_factor() -> Response:
    user, caller = viewer(), identity.caller()
    since = user.totp_since
    return jsonify(
        on=since is not None,
        since=since.isoformat() if since else None,
        codes_left=queries.recovery_codes_left(user),
        must=bool(caller and caller.owes_factor),
    )


@bp.post("/second-factor")
@signed_in
@before_factor
@no_personal_tokens
def begin_factor() -> Response:
    """A secret for an authenticator app, which counts once `confirm` had a code of it."""
    user = viewer()
    if user.totp_since is not None:
        raise Conflict(_("You have a second factor already. Remove it first."))
    with transaction():
        factor.begin(user)
    secret = factor.secret_of(user)
    address = totp.address_of(secret, email=user.email, desk=queries.desk().name)
    return api.shown_once(201, secret=secret, address=address)


@bp.post("/second-factor/confirm")
@signed_in
@before_factor
@no_personal_tokens
def confirm_factor() -> Response:
    form = api.parsed(CodeForm)
    with transaction():
        codes = factor.confirm(viewer(), form.code)
    return api.shown_once(200, recovery_codes=codes)


@bp.post("/second-factor/codes")
@signed_in
@no_personal_tokens
def new_codes() -> Response:
    """In place of the old ones."""
    form = api.parsed(ConfirmForm)
    with transaction():
        factor.check_password(viewer(), form.current)
        codes = factor.new_codes(viewer())
    return api.shown_once(200, recovery_codes=codes)


@bp.delete("/second-factor")
@signed_in
@no_personal_tokens
def remove_factor() -> Response:
    form = api.parsed(ConfirmForm)
    with transaction():
        factor.check_password(viewer(), form.current)
        factor.remove(viewer(), actor=viewer().actor)
    return make_response("", 204)
