"""The bank's answer: a file, its columns matched, a preview of what it would do, then done."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import bank_answer, pain001, queries
from webapp.claims.actions import apply_answer, edit_batch
from webapp.claims.actions.payments.answering import Outcome
from webapp.claims.models import PaymentBatch
from webapp.claims.states import PAID
from webapp.claims.views.blueprint import bp
from webapp.core import storage
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.web import render, toast

Answer = str | tuple[str, int] | Response


@bp.get("/payments/<ref>/answer")
@requires(Permission.PAYMENTS_MAKE)
def bank_answer_form(ref: str) -> str:
    return render("claims/payments/answer.html", batch=queries.batch_for(viewer(), ref), problem="")


@bp.post("/payments/<ref>/answer")
@requires(Permission.PAYMENTS_MAKE)
def take_answer(ref: str) -> Answer:
    """The file is kept, so that columns can be matched and the preview be looked at."""
    batch = queries.batch_for(viewer(), ref)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise Invalid(_("Choose the file that your bank gave you."))
        content = upload.stream.read(bank_answer.LARGEST + 1)
        bank_answer.read(content)
    except Invalid as error:
        return render("claims/payments/answer.html", batch=batch, problem=error.message), 422
    return redirect(url_for(".preview_answer", ref=ref, file=storage.put(content)), 303)


@bp.get("/payments/<ref>/answer/<file>")
@requires(Permission.PAYMENTS_MAKE)
def preview_answer(ref: str, file: str) -> str:
    batch = queries.batch_for(viewer(), ref)
    return _preview(batch, file, _columns(bank_answer.read(storage.read(file)), request.args))


@bp.post("/payments/<ref>/answer/<file>")
@requires(Permission.PAYMENTS_MAKE)
def use_answer(ref: str, file: str) -> Answer:
    sheet = bank_answer.read(storage.read(file))
    columns = _columns(sheet, request.form)
    try:
        with transaction():
            batch = queries.batch_for(viewer(), ref, lock=True)
            lines = _lines(batch, sheet, columns)
            if typed := request.form.get("reference", "").strip():
                edit_batch(
                    batch,
                    planned_on=batch.planned_on,
                    reference=typed,
                    note=batch.note,
                    actor=viewer().actor,
                )
            outcomes = _outcomes(lines)
            _check(batch, outcomes)
            apply_answer(batch, outcomes, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        batch = queries.batch_for(viewer(), ref)
        return _preview(batch, file, columns, problem=error.message), error.status
    toast("updated", _("The bank's answer is taken over."))
    return redirect(url_for(".show_payment", ref=ref), 303)


def _check(batch: PaymentBatch, outcomes: dict[int, Outcome]) -> None:
    if not outcomes:
        raise Invalid(_("No line of this file says anything new about a payment of this order."))
    if not batch.reference and any(outcome.paid for outcome in outcomes.values()):
        raise Invalid(_("Give the bank's transfer reference."))


def _preview(batch: PaymentBatch, file: str, columns: dict[str, int], *, problem: str = "") -> str:
    sheet = bank_answer.read(storage.read(file))
    complete = all(each in columns for each in bank_answer.NEEDED)
    lines = _lines(batch, sheet, columns) if complete else []
    return render(
        "claims/payments/answer_preview.html",
        batch=batch,
        file=file,
        sheet=sheet,
        columns=columns,
        meanings=_meanings(),
        lines=lines,
        usable=[line for line in lines if line.outcome],
        wrong=[line for line in lines if line.wrong],
        known=sum(not line.outcome and not line.wrong for line in lines),
        payments={payment.id: payment for payment in queries.all_payments(batch)},
        numbered=lambda headings: [(str(n), text) for n, text in enumerate(headings)],
        problem=problem,
        typed_reference=request.form.get("reference", ""),
    )


def _lines(
    batch: PaymentBatch, sheet: bank_answer.Sheet, columns: dict[str, int]
) -> list[bank_answer.Line]:
    awaited = [
        bank_answer.Awaited(
            payment.id,
            pain001.end_to_end(batch.ref, payment.id),
            payment.bulletin.number,
            payment.amount,
            payment.state,
        )
        for payment in queries.all_payments(batch)
    ]
    return bank_answer.lines_of(sheet, columns, awaited, currency=batch.currency)


def _outcomes(lines: list[bank_answer.Line]) -> dict[int, Outcome]:
    return {
        line.payment_id: Outcome(line.outcome == PAID, line.day, line.why)
        for line in lines
        if line.outcome and line.payment_id is not None
    }


def _columns(sheet: bank_answer.Sheet, given: Any) -> dict[str, int]:
    """As chosen on the page, else as the headings tell. "-1": no column says it."""
    if not any(f"column_{meaning}" in given for meaning in bank_answer.COLUMNS):
        return bank_answer.guess(sheet.headings)
    found = {}
    for meaning in bank_answer.COLUMNS:
        at = given.get(f"column_{meaning}", "")
        if at.isdecimal() and int(at) < len(sheet.headings):
            found[meaning] = int(at)
    return found


def _meanings() -> list[tuple[str, str, bool]]:
    """(meaning, words, whether it is needed)."""
    names = {
        "payment": _("Which payment (order's id or bulletin number)"),
        "outcome": _("Paid or rejected"),
        "amount": _("Amount"),
        "day": _("Day of payment"),
        "why": _("Why rejected"),
    }
    return [
        (meaning, names[meaning], meaning in bank_answer.NEEDED) for meaning in bank_answer.COLUMNS
    ]
