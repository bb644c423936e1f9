"""One's own account: name, time zone, keys, password."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import actions, identity, passwords
from webapp.accounts.actions import devices
from webapp.accounts.forms import AccountForm, PasswordForm
from webapp.accounts.guards import signed_in, viewer
from webapp.accounts.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import back_or, render, toast
from webapp.mail.queries import block_of


@bp.get("/account")
@signed_in
def account() -> str:
    return _account_page({})


@bp.post("/account")
@signed_in
def edit_account() -> tuple[str, int] | Response:
    try:
        form = parse(AccountForm, request.form)
        with transaction():
            actions.edit_user(viewer(), actor=viewer().actor, **form.model_dump())
    except Invalid as error:
        return _account_page(error.fields), 422
    toast("info", _("Your account is saved."))
    return redirect(url_for(".account"), 303)


@bp.post("/account/shortcuts")
@signed_in
def choose_shortcuts() -> Response:
    """Switch the single keys on or off."""
    wanted = request.form.get("shortcuts") == "on"
    with transaction():
        actions.edit_user(viewer(), actor=viewer().actor, shortcuts=wanted)
    words = (
        _("The keys are on.")
        if wanted
        else _("The keys are off. Your account's page switches them on.")
    )
    toast("info", words)
    return back_or(url_for(".account"))


@bp.post("/account/password")
@signed_in
def change_password() -> tuple[str, int] | Response:
    user = viewer()
    try:
        form = parse(PasswordForm, request.form)
        if not passwords.matches(user.password_hash, form.current):
            raise Invalid(
                _("That is not your password."), fields={"current": _("That is not your password.")}
            )
        with transaction():
            actions.set_password(
                user,
                password=form.password,
                actor=user.actor,
                browser=identity.browser_name(),
            )
            devices.stay(identity.this_device(), user)
    except Invalid as error:
        return _account_page(error.fields), 422
    toast("info", _("Your password is changed. All your other devices are signed out."))
    return redirect(url_for(".account"), 303)


@bp.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    with transaction():
        actions.sign_out_everywhere(viewer(), actor=viewer().actor)
    identity.leave()
    return redirect(url_for(".login"), 303)


def _account_page(errors: dict[str, str]) -> str:
    return render(
        "accounts/account.html",
        user=viewer(),
        mail_stop=block_of(viewer().email),
        errors=errors,
        form_values=request.form,
        timezones=sorted(available_timezones()),
    )
