"""A new batch: whose bulletins, which of them, and when."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries, words
from webapp.claims.actions import make_batch
from webapp.claims.forms import NewBatchForm
from webapp.claims.models import Client
from webapp.claims.payability import obstacles
from webapp.claims.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast


@bp.get("/payments/new")
@requires(Permission.PAYMENTS_MAKE)
def new_payment() -> str:
    """Without a client: who waits for how much. With one: its bulletins, to choose from."""
    client_id = request.args.get("client", type=int)
    if client_id is None:
        return render("claims/payments/choose_client.html", waiting=queries.clients_waiting())
    return _form(queries.client_for(viewer(), client_id))


@bp.post("/payments")
@requires(Permission.PAYMENTS_MAKE)
def make_payment() -> str | tuple[str, int] | Response:
    form = parse(NewBatchForm, request.form)
    chosen = [int(each) for each in request.form.getlist("bulletin") if each.isdecimal()]
    try:
        with transaction():
            batch = make_batch(
                queries.client_for(viewer(), form.client),
                chosen,
                actor=viewer().actor,
                planned_on=form.planned_on,
                note=form.note,
                submission_key=form.submission_key or None,
            )
    except (Invalid, Conflict) as error:
        client = queries.client_for(viewer(), form.client)
        return _form(client, chosen=chosen, problem=error.message), error.status
    toast("new", _("The payment %(ref)s is made.", ref=batch.ref))
    return redirect(url_for(".show_payment", ref=batch.ref), 303)


def _form(client: Client, *, chosen: list[int] | None = None, problem: str = "") -> str:
    bulletins = queries.waiting_bulletins(client)
    standings = queries.standing_of(bulletins)
    four_eyes = queries.claim_settings().four_eyes
    offered: list[dict[str, Any]] = []
    for bulletin in bulletins:
        found = obstacles(standings[bulletin.id], payer_id=viewer().id, four_eyes=four_eyes)
        offered.append({"bulletin": bulletin, "why_not": [words.obstacle_word(c) for c in found]})
    return render(
        "claims/payments/new_payment.html",
        client=client,
        offered=offered,
        chosen=chosen,
        problem=problem,
        typed=request.form,
        submission_key=request.form.get("submission_key") or secrets.token_urlsafe(24),
    )
