"""The list of batches, and the page of one with its parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import guards, queries, words
from webapp.claims.models import PaymentBatch
from webapp.claims.queries import BatchFilters
from webapp.claims.queries.payments import Listed
from webapp.claims.states import PAYMENT_FINAL, PAYMENT_MOVES, PAYMENT_STATES, PROCESSING
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import today
from webapp.core.kept import Asked, drawn_each
from webapp.core.web import render
from webapp.events.queries import history_of

MONTHS = 12  # to choose from
PARTS = ("head", "actions", "payments", "history")


@bp.get("/payments")
@requires(Permission.CLAIMS_SEE)
def list_payments() -> str:
    return render("claims/payments/list_payments.html", live_topics=["staff", "claims"], **_rows())


@bp.get("/payments/rows")
@requires(Permission.CLAIMS_SEE)
def payment_rows() -> str:
    """The list alone, for its live region."""
    return render("claims/payments/_list.html", **_rows())


@bp.get("/payments/<ref>")
@requires(Permission.CLAIMS_SEE)
def show_payment(ref: str) -> str:
    return batch_page(queries.batch_for(viewer(), ref))


@bp.get("/payments/<ref>/<any(head, actions, payments, history):part>")
@requires(Permission.CLAIMS_SEE)
def payment_part(ref: str, part: str) -> str:
    """One part alone, for its live region."""
    return _part(part, queries.batch_for(viewer(), ref))


def batch_page(batch: PaymentBatch, **more: Any) -> str:
    """`more`: what the actions show differently this time (an error, what was typed)."""
    parts = {name: _part(name, batch, **more) for name in PARTS}
    return render(
        "claims/payments/show_payment.html",
        batch=batch,
        parts=parts,
        live_topics=["staff", "claims", f"batch:{batch.id}"],
    )


def _part(name: str, batch: PaymentBatch, **more: Any) -> Markup:
    after = request.args.get("after", 0, type=int)
    src = url_for(".payment_part", ref=batch.ref, part=name, after=after or None)
    values = {"batch": batch, "src": src, **_VALUES[name](batch), **more}
    html = render_template(f"claims/payments/_{name}.html", **values)
    return Markup(html)  # noqa: S704 - a template's output, escaped there


def _actions(batch: PaymentBatch) -> dict[str, Any]:
    return {
        "may_pay": viewer().may(Permission.PAYMENTS_MAKE),
        "moves": [(state, words.status_word(state)) for state in PAYMENT_MOVES[batch.state]],
        "over": batch.state in PAYMENT_FINAL,
        "with_the_bank": batch.state == PROCESSING,
        "today": today(),
        "typed": {},
        "errors": {},
        "problem": "",
    }


def _payments(batch: PaymentBatch) -> dict[str, Any]:
    page = queries.payments_page(batch, after_id=request.args.get("after", 0, type=int))
    return {
        "payments": page.rows,
        "bulletin_address": lambda key: guards.address("claims.show_bulletin", bulletin_id=key),
        "may_pay": viewer().may(Permission.PAYMENTS_MAKE),
        "older": url_for(".show_payment", ref=batch.ref, after=page.next) if page.next else None,
    }


def _history(batch: PaymentBatch) -> dict[str, Any]:
    return {"events": list(reversed(history_of("payment_batch", batch.id)))}


_VALUES: dict[str, Any] = {
    "head": lambda _batch: {},
    "actions": _actions,
    "payments": _payments,
    "history": _history,
}


def _rows() -> dict[str, Any]:
    filters = BatchFilters.of(request.args)
    before = request.args.get("before", type=int)
    page = queries.batches_page(filters, before_id=before)
    paid = queries.paid_of([each.id for each in page.rows], filters) if filters.by_day else {}
    address = ".list_payments"
    return {
        "filters": filters,
        "rows": drawn_each("claims/payments/_row.html", [_row(each, paid) for each in page.rows]),
        "sums": queries.sums_paid(filters) if filters.by_day else [],
        "months": _months(filters.month),
        "clients": queries.clients_in_use(chosen=filters.client or 0),
        "may_pay": viewer().may(Permission.PAYMENTS_MAKE),
        "tabs": _tabs(filters),
        "src": url_for(".payment_rows", **filters.as_args(), before=before),
        "newest": url_for(address, **filters.as_args()) if before else None,
        "older": url_for(address, **filters.as_args(), before=page.next) if page.next else None,
    }


def _row(batch: Listed, paid: Mapping[int, tuple[int, Decimal]]) -> Asked:
    """What decides how it looks, and what its template takes."""
    own = paid.get(batch.id)
    return (*batch, own), lambda _marks: {"batch": batch, "paid": own}


def _tabs(filters: BatchFilters) -> list[tuple[str, str, bool, int]]:
    counts = queries.count_batches(filters)
    choices = [("", _("All")), *((state, words.status_word(state)) for state in PAYMENT_STATES)]
    return [
        (
            word,
            url_for(".list_payments", **filters.as_args(state=state)),
            filters.state == state,
            counts[state] if state else sum(counts.values()),
        )
        for state, word in choices
    ]


def _months(chosen: date | None) -> list[tuple[str, str]]:
    """The last twelve, and the chosen one."""
    month = today().replace(day=1)
    some = {chosen or month}
    for _n in range(MONTHS):
        some.add(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return [(f"{each:%Y-%m}", format_date(each, "LLL y")) for each in sorted(some, reverse=True)]
