"""Coming in by a mailed link: an invitation or a sign-up, and a new password for who forgot theirs."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import identity, joining, queries
from webapp.accounts.actions import links
from webapp.accounts.forms import AskForm, ForgottenForm, JoinForm, NewPasswordForm
from webapp.accounts.guards import before_factor, public
from webapp.accounts.limits import limiter
from webapp.accounts.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast


@bp.get("/join")
@public
def ask_to_join() -> Response:
    """The form, where people may join by themselves; else words."""
    return _page("accounts/ask_to_join.html", way=queries.desk().signup)


@bp.post("/join")
@public
@limiter.limit("10 per minute")
def send_join_link() -> Response:
    """The same answer whether or not the address has an account."""
    try:
        form = parse(AskForm, request.form)
        with transaction():
            links.ask_to_join(form.email, name=form.name)
    except Invalid as error:
        values = {"way": queries.desk().signup, "errors": error.fields}
        return _page("accounts/ask_to_join.html", 422, **values)
    return _page("accounts/mailed.html", title=_("Look into your mail"))


@bp.get("/join/<secret>")
@public
def show_join(secret: str) -> Response:
    link = queries.open_link(secret, joining.INVITE, joining.SIGNUP)
    return _page("accounts/join.html", link=link, secret=secret)


@bp.post("/join/<secret>")
@public
@limiter.limit("10 per minute")
def join(secret: str) -> Response:
    """Makes the account and signs this browser in."""
    link = queries.open_link(secret, joining.INVITE, joining.SIGNUP)
    try:
        form = parse(JoinForm, request.form)
        with transaction():
            user = links.join(secret, name=form.name, password=form.password)
    except Invalid as error:
        return _page("accounts/join.html", 422, link=link, secret=secret, errors=error.fields)
    identity.enter(user)
    toast("new", _("Welcome. Your account is made."))
    return redirect(url_for("accounts.account"), 303)


@bp.get("/password/forgotten")
@public
@before_factor
def forgotten() -> Response:
    return _page("accounts/forgotten.html")


@bp.post("/password/forgotten")
@public
@before_factor
@limiter.limit("10 per minute")
def send_reset_link() -> Response:
    """The same answer whether or not anybody has that address."""
    try:
        form = parse(ForgottenForm, request.form)
    except Invalid as error:
        return _page("accounts/forgotten.html", 422, errors=error.fields)
    with transaction():
        links.ask_new_password(form.email)
    return _page("accounts/mailed.html", title=_("Look into your mail"))


@bp.get("/password/new/<secret>")
@public
@before_factor
def show_new_password(secret: str) -> Response:
    queries.open_link(secret, joining.RESET)
    return _page("accounts/new_password.html", secret=secret)


@bp.post("/password/new/<secret>")
@public
@before_factor
@limiter.limit("10 per minute")
def set_new_password(secret: str) -> Response:
    """Signs nobody in: a second factor may be asked for."""
    try:
        form = parse(NewPasswordForm, request.form)
        with transaction():
            links.set_new_password(secret, password=form.password)
    except Invalid as error:
        return _page("accounts/new_password.html", 422, secret=secret, errors=error.fields)
    identity.leave()
    toast("info", _("Your new password is set. Sign in with it."))
    return redirect(url_for(".login"), 303)


def _page(template: str, status: int = 200, **values: Any) -> Response:
    known = {"desk": queries.desk(), "errors": {}, "form_values": request.form, **values}
    answer = make_response(render(template, **known), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
