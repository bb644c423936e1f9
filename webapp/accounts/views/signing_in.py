"""Signing in and out by the pages."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import identity, queries
from webapp.accounts.actions import devices, signing_in
from webapp.accounts.forms import CodeForm, LoginForm
from webapp.accounts.guards import before_factor, public, signed_in, viewer
from webapp.accounts.limits import limiter
from webapp.accounts.views import bp, halfway
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, safe_next


@bp.get("/login")
@public
def login() -> str | Response:
    if identity.person() is not None:
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
        tried = signing_in.try_password(
            form.email,
            password=form.password,
            network=identity.network(),
            browser=identity.browser_name(),
        )
    if tried.half is not None:
        halfway.begin(tried.half, leads_to=form.next)
        return redirect(url_for(".ask_code"), 303)
    if tried.user is None:
        return _refused(form, tried.wait)
    identity.enter(tried.user)
    return redirect(safe_next(form.next, url_for("admin.home")), 303)


@bp.get("/login/code")
@public
def ask_code() -> str | Response:
    """The second factor, after the password; for five minutes."""
    if halfway.person() is None:
        return redirect(url_for(".login"))
    return _code_page({})


@bp.post("/login/code")
@public
@limiter.limit("30 per minute")
def check_code() -> tuple[str, int] | Response:
    user = halfway.person()
    if user is None:
        return redirect(url_for(".login"), 303)
    try:
        form = parse(CodeForm, request.form)
    except Invalid as error:
        return _code_page(error.fields), 422
    with transaction():
        tried = signing_in.try_code(
            user, form.code, network=identity.network(), browser=identity.browser_name()
        )
    if tried.user is None:
        words = _wait_words(tried.wait) or _("This code does not fit, or was used already.")
        return _code_page({"code": words}), 429 if tried.wait else 422
    leads_to = halfway.end()
    identity.enter(tried.user)
    return redirect(safe_next(leads_to, url_for("admin.home")), 303)


@bp.post("/logout")
@signed_in
@before_factor
def logout() -> Response:
    user = viewer()
    with transaction():
        devices.sign_out(user, identity.this_device())
    identity.leave()
    return redirect(url_for("accounts.login"), 303)


def _refused(form: LoginForm, wait: int) -> tuple[str, int]:
    words = _wait_words(wait) or _(
        "E-mail and password do not fit together. Check both; capitals count in the password."
    )
    return _login_page(
        {"email": form.email, "next": form.next}, {"form": words}
    ), 429 if wait else 422


def _login_page(values: dict[str, str] | object, errors: dict[str, str]) -> str:
    return render("accounts/login.html", form_values=values, errors=errors, desk=queries.desk())


def _wait_words(wait: int) -> str:
    return (
        _("Too many wrong tries. Try again in %(seconds)s seconds.", seconds=wait) if wait else ""
    )


def _code_page(errors: dict[str, str]) -> str:
    return render("accounts/code.html", errors=errors, desk=queries.desk())
