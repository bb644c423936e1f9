"""One's own personal tokens: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import queries, scopes
from webapp.accounts.actions import api_tokens
from webapp.accounts.forms import TokenForm
from webapp.accounts.guards import signed_in, viewer
from webapp.accounts.views import bp
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast

LASTS = (30, 90, 180, 365)  # days that are offered


@bp.get("/account/tokens")
@signed_in
def list_tokens() -> str:
    return _page({})


@bp.post("/account/tokens")
@signed_in
def make_token() -> tuple[str, int] | Response:
    """The secret stands on this answer and nowhere else."""
    sent: dict[str, Any] = {**request.form.to_dict(), "scopes": request.form.getlist("scopes")}
    user = viewer()
    try:
        form = parse(TokenForm, sent)
        with transaction():
            token, secret = api_tokens.make(
                user, name=form.name, scopes=form.scopes, days=form.days, actor=user.actor
            )
    except Invalid as error:
        return _page(error.fields), 422
    except Conflict as error:
        return _page({"form": error.message}), 409
    answer = make_response(render("accounts/token_made.html", token=token, secret=secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/account/tokens/<int:token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> Response:
    user = viewer()
    with transaction():
        api_tokens.revoke(user, queries.token_of(user, token_id), actor=user.actor)
    toast("info", _("The token is revoked."))
    return redirect(url_for(".list_tokens"), 303)


def scope_choices(*, manages: bool) -> list[tuple[str, Any, Any]]:
    """(value, words, hint); what nobody without managing rights could use is not offered."""
    offered = [
        (scopes.READ, _("Read"), _("see what you see")),
        (scopes.WRITE, _("Write"), _("change what you may change")),
        (scopes.ADMIN, _("Admin"), _("connections, outbox, audit trail, settings")),
    ]
    return offered if manages else offered[:2]


def _page(errors: dict[str, str]) -> str:
    user = viewer()
    return render(
        "accounts/tokens.html",
        tokens=queries.tokens_of(user),
        now=clock.now(),
        errors=errors,
        form_values=request.form,
        chosen=request.form.getlist("scopes") or [scopes.READ],
        scopes=scope_choices(manages=any(user.may(each) for each in scopes.MANAGING)),
        lasts=[(str(days), _("%(days)s days", days=days)) for days in LASTS],
    )
