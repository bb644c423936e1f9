"""/claims/contracts/<id>: one contract, its bordereaux, and what is used of its ceiling."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries, totals
from webapp.claims.actions import edit_contract
from webapp.claims.forms import ContractForm
from webapp.claims.models import Contract
from webapp.claims.views.blueprint import bp
from webapp.claims.views.bordereaux import wait_of
from webapp.claims.views.lists import LIVE, today
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.events.queries import history_of

HISTORY_SHOWN = 30


@bp.get("/contracts/<int:contract_id>")
@requires(Permission.CLAIMS_SEE)
def show_contract(contract_id: int) -> str:
    return _page(queries.contract_for(viewer(), contract_id))


@bp.get("/contracts/<int:contract_id>/part/<name>")
@requires(Permission.CLAIMS_SEE)
def contract_part(contract_id: int, name: str) -> str:
    """What keeps itself fresh: `main` beside the form, or `side`."""
    template = "_side.html" if name == "side" else "_main.html"
    values = _values(queries.contract_for(viewer(), contract_id))
    return render(f"claims/contract/{template}", **values)


@bp.post("/contracts/<int:contract_id>")
@requires(Permission.DESK_MANAGE)
def save_contract(contract_id: int) -> str | tuple[str, int] | Response:
    try:
        form = parse(ContractForm, request.form)
        with transaction():
            contract = queries.contract_for(viewer(), contract_id, lock=True)
            changed = edit_contract(contract, form, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        return _page(queries.contract_for(viewer(), contract_id), error), error.status
    toast("updated", _("It is saved.") if changed else _("Nothing was changed."))
    return redirect(url_for(".show_contract", contract_id=contract_id), 303)


def _page(contract: Contract, error: AppError | None = None) -> str:
    return render(
        "claims/show_contract.html",
        live_topics=LIVE,
        typed=request.form if error else None,
        errors=error.fields if isinstance(error, Invalid) else {},
        problem=error.message if isinstance(error, Conflict) else "",
        may_edit=viewer().may(Permission.DESK_MANAGE),
        **_values(contract),
    )


def _values(contract: Contract) -> dict[str, Any]:
    after = request.args.get("after") or None
    page = queries.bordereaux_of_contract(contract, after=after)
    here: dict[str, Any] = {"contract_id": contract.id}
    return {
        "contract": contract,
        "today": today(),
        "after": after,
        "bordereaux": page.rows,
        "progress": queries.progress_of([each.id for each in page.rows]),
        "nothing": queries.NOTHING_YET,
        "waits": {each.id: wait_of(each) for each in page.rows},
        "newest": url_for(".show_contract", **here) if after else None,
        "older": url_for(".show_contract", **here, after=page.next) if page.next else None,
        "delay": totals.due_on(today(), contract.payment_days, contract.client.payment_days)
        - today(),
        "events": history_of("contract", contract.id, limit=HISTORY_SHOWN)[::-1],
        **_consumption(contract),
    }


def _consumption(contract: Contract) -> dict[str, Any]:
    """`share`: of the ceiling, in whole percent, cut and not rounded: 99.9 % is not used up."""
    used = queries.used_of(contract)
    ceiling = contract.ceiling
    share = int(used * 100 / ceiling) if ceiling else None
    left: Decimal | None = ceiling - used if ceiling is not None else None
    return {"used": used, "share": share, "left": left}
