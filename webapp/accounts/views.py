"""Sign in and out, and one's own account."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from webapp.accounts import actions, passwords, queries, signin
from webapp.accounts.forms import AccountForm, LoginForm, PasswordForm
from webapp.accounts.guards import browser_name, public, signed_in, viewer
from webapp.accounts.limits import limiter
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import back_or, render, safe_next, toast

bp = Blueprint("accounts", __name__)


@bp.get("/login")
@public
def login() -> str | Response:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next"), url_for("admin.home")))
    return _login_page({"next": request.args.get("next", "")}, {})


@bp.post("/login")
@public
@limiter.limit("30 per minute")
def sign_in() -> tuple[str, int] | Response:
    try:
        form = parse(LoginForm, request.form)
    except Invalid as error:
        return _login_page(request.form, error.fields), 422
    with transaction():
        user = actions.check_sign_in(form.email, password=form.password, browser=browser_name())
    if user is None:
        return _refused(form)
    login_user(user)
    return redirect(safe_next(form.next, url_for("admin.home")), 303)


@bp.post("/logout")
@signed_in
def logout() -> Response:
    user = viewer()
    with transaction():
        actions.record_sign_out(user, browser=browser_name())
    logout_user()
    return redirect(url_for("accounts.login"), 303)


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
                user, password=form.password, actor=user.actor, browser=browser_name()
            )
    except Invalid as error:
        return _account_page(error.fields), 422
    login_user(user)
    toast("info", _("Your password is changed. All your other devices are signed out."))
    return redirect(url_for(".account"), 303)


@bp.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    with transaction():
        actions.sign_out_everywhere(viewer(), actor=viewer().actor)
    logout_user()
    return redirect(url_for(".login"), 303)


def _refused(form: LoginForm) -> tuple[str, int]:
    user = queries.find_user_by_email(form.email)
    wait = signin.seconds_left(user.locked_until, clock.now()) if user else 0
    words = (
        _("Too many wrong passwords. Try again in %(seconds)s seconds.", seconds=wait)
        if wait
        else _(
            "E-mail and password do not fit together. Check both; capitals count in the password."
        )
    )
    return _login_page(
        {"email": form.email, "next": form.next}, {"form": words}
    ), 429 if wait else 422


def _login_page(values: dict[str, str] | object, errors: dict[str, str]) -> str:
    return render("accounts/login.html", form_values=values, errors=errors, desk=queries.desk())


def _account_page(errors: dict[str, str]) -> str:
    return render(
        "accounts/account.html",
        user=viewer(),
        errors=errors,
        form_values=request.form,
        timezones=sorted(available_timezones()),
    )
