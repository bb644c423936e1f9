"""/claims/clients/<id>: one client, and where its transfers go."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import guards, queries
from webapp.claims.accounts import masked
from webapp.claims.actions import edit_client
from webapp.claims.forms import ClientForm
from webapp.claims.models import Client
from webapp.claims.queries import BatchFilters
from webapp.claims.states import BULLETIN_STATUSES
from webapp.claims.views.blueprint import bp
from webapp.claims.views.bordereaux import wait_of
from webapp.claims.views.lists import LIVE, today
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.events.queries import history_of

HISTORY_SHOWN = 30
PAYMENTS_SHOWN = 5


@bp.get("/clients/<int:client_id>")
@requires(Permission.CLAIMS_SEE)
def show_client(client_id: int) -> str:
    return _page(queries.client_for(viewer(), client_id))


@bp.get("/clients/<int:client_id>/part/<name>")
@requires(Permission.CLAIMS_SEE)
def client_part(client_id: int, name: str) -> str:
    """What keeps itself fresh: `main` beside the form, or `side`."""
    template = "_side.html" if name == "side" else "_main.html"
    values = _values(queries.client_for(viewer(), client_id))
    return render(f"claims/client/{template}", **values)


@bp.post("/clients/<int:client_id>")
@requires(Permission.PAYMENTS_MAKE)
def save_client(client_id: int) -> str | tuple[str, int] | Response:
    try:
        form = parse(ClientForm, request.form)
        with transaction():
            client = queries.client_for(viewer(), client_id, lock=True)
            changed = edit_client(client, form, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        return _page(queries.client_for(viewer(), client_id), error), error.status
    toast("updated", _("It is saved.") if changed else _("Nothing was changed."))
    return redirect(url_for(".show_client", client_id=client_id), 303)


def _page(client: Client, error: AppError | None = None) -> str:
    return render(
        "claims/show_client.html",
        live_topics=LIVE,
        typed=request.form if error else None,
        errors=error.fields if isinstance(error, Invalid) else {},
        problem=error.message if isinstance(error, Conflict) else "",
        **_values(client),
    )


def _values(client: Client) -> dict[str, Any]:
    bordereaux = queries.bordereaux_of_client(client)
    change = queries.account_change(client)
    return {
        "client": client,
        "contracts": queries.contracts_of_client(client),
        "today": today(),
        "bordereaux": bordereaux,
        "progress": queries.progress_of([each.id for each in bordereaux]),
        "nothing": queries.NOTHING_YET,
        "waits": {each.id: wait_of(each) for each in bordereaux},
        "sums": sorted(
            queries.sums_of_client(client), key=lambda each: BULLETIN_STATUSES.index(each.status)
        ),
        "figures": queries.figures_of_clients([client.id], today=today())[client.id],
        "batches": queries.batches_page(BatchFilters(client=client.id)).rows[:PAYMENTS_SHOWN],
        "change": change,
        "orders": queries.orders_before(client, change.at) if change else [],
        "events": history_of("client", client.id, limit=HISTORY_SHOWN)[::-1],
        **_account(client),
    }


def _account(client: Client) -> dict[str, Any]:
    """The account in full for those who may pay; the others see how it ends."""
    may_pay = viewer().may(Permission.PAYMENTS_MAKE)
    pay = guards.address("claims.new_payment", client=client.id) if may_pay else ""
    return {
        "may_edit": may_pay,
        "iban": client.iban if may_pay else masked(client.iban),
        "pay_address": pay,
    }
