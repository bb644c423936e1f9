"""One's own second factor: set up with a picture, recovery codes that are shown once, removed with the password."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts import identity, queries, totp
from webapp.accounts.actions import second_factor as factor
from webapp.accounts.forms import CodeForm, ConfirmForm
from webapp.accounts.guards import before_factor, signed_in, viewer
from webapp.accounts.models import User
from webapp.accounts.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast

Answer = tuple[str, int] | Response


@bp.get("/account/second-factor")
@signed_in
@before_factor
def second_factor() -> Response:
    return _page({})


@bp.post("/account/second-factor/begin")
@signed_in
@before_factor
def begin_factor() -> Response:
    """Make a secret for an authenticator app. One that is in use is not replaced."""
    with transaction():
        if viewer().totp_since is None:
            factor.begin(viewer())
    return redirect(url_for(".second_factor"), 303)


@bp.post("/account/second-factor/confirm")
@signed_in
@before_factor
def confirm_factor() -> Answer:
    """The first code of the app switches it on."""
    try:
        form = parse(CodeForm, request.form)
        with transaction():
            codes = factor.confirm(viewer(), form.code)
    except Invalid as error:
        return _with_status(_page(error.fields), 422)
    return _codes_page(codes)


@bp.post("/account/second-factor/codes")
@signed_in
def new_recovery_codes() -> Answer:
    try:
        form = parse(ConfirmForm, request.form)
        with transaction():
            factor.check_password(viewer(), form.current)
            codes = factor.new_codes(viewer())
    except Invalid as error:
        return _with_status(_page(error.fields), 422)
    return _codes_page(codes)


@bp.post("/account/second-factor/remove")
@signed_in
def remove_factor() -> Answer:
    try:
        form = parse(ConfirmForm, request.form)
        with transaction():
            factor.check_password(viewer(), form.current)
            factor.remove(viewer(), actor=viewer().actor)
    except Invalid as error:
        return _with_status(_page(error.fields), 422)
    toast("info", _("You sign in with your password alone now."))
    return redirect(url_for(".second_factor"), 303)


def _page(errors: dict[str, str]) -> Response:
    user, caller = viewer(), identity.caller()
    secret = factor.secret_of(user) if user.totp_since is None else ""
    page = render(
        "accounts/second_factor.html",
        user=user,
        errors=errors,
        secret=secret,
        picture=_picture(user, secret) if secret else "",
        codes_left=queries.recovery_codes_left(user),
        must=bool(caller and caller.owes_factor),
    )
    return _kept_nowhere(page)


def _picture(user: User, secret: str) -> Markup:
    """The QR code as SVG, dark on white whatever the page's colours: else phones do not read it."""
    import segno

    address = totp.address_of(secret, email=user.email, desk=queries.desk().name)
    code = segno.make(address, error="m", micro=False)
    made = code.svg_inline(scale=5, dark="#000000", light="#ffffff", omitsize=True)
    return Markup(made)  # noqa: S704 - figures only, made by us


def _codes_page(codes: list[str]) -> Response:
    return _kept_nowhere(render("accounts/recovery_codes.html", codes=codes))


def _kept_nowhere(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _with_status(answer: Response, status: int) -> Response:
    answer.status_code = status
    return answer
