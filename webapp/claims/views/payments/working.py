"""A batch is moved, corrected, and taken to the bank."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import pain001, queries, words
from webapp.claims.actions import edit_batch, move_batch, note_export, take_out
from webapp.claims.forms import BatchForm, MoveForm
from webapp.claims.models import Payment, PaymentBatch
from webapp.claims.states import REJECTED
from webapp.claims.views.blueprint import bp
from webapp.claims.views.payments.listing import batch_page
from webapp.core import clock, money
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import csv_download, download, toast

Answer = str | tuple[str, int] | BaseResponse
HEADINGS = ("end_to_end", "bulletin", "member", "member_number", "amount", "currency", "receiver", "iban", "state",
            "paid_on", "reference")  # fmt: skip


@bp.post("/payments/<ref>/move")
@requires(Permission.PAYMENTS_MAKE)
def move_payment(ref: str) -> Answer:
    try:
        form = parse(MoveForm, request.form)
        with transaction():
            batch = _as_seen(ref, form.version)
            move_batch(
                batch,
                to=form.to,
                actor=viewer().actor,
                reference=form.reference,
                on=form.on,
                why=form.why,
            )
    except (Invalid, Conflict) as error:
        return _again(ref, error)
    toast("updated", _("%(ref)s: %(state)s", ref=ref, state=words.status_word(form.to)))
    return redirect(url_for(".show_payment", ref=ref), 303)


@bp.post("/payments/<ref>/edit")
@requires(Permission.PAYMENTS_MAKE)
def edit_payment(ref: str) -> Answer:
    try:
        form = parse(BatchForm, request.form)
        with transaction():
            edit_batch(
                _as_seen(ref, form.version),
                planned_on=form.planned_on,
                reference=form.reference,
                note=form.note,
                actor=viewer().actor,
            )
    except (Invalid, Conflict) as error:
        return _again(ref, error)
    toast("updated", _("The payment is saved."))
    return redirect(url_for(".show_payment", ref=ref), 303)


@bp.post("/payments/<ref>/take-out/<int:payment_id>")
@requires(Permission.PAYMENTS_MAKE)
def take_payment_out(ref: str, payment_id: int) -> Answer:
    try:
        with transaction():
            batch = queries.batch_for(viewer(), ref, lock=True)
            take_out(batch, queries.payment_of(batch, payment_id), actor=viewer().actor)
    except Conflict as error:
        return _again(ref, error)
    toast("updated", _("It is left out of the payment."))
    return redirect(url_for(".show_payment", ref=ref), 303)


@bp.post("/payments/<ref>/order.csv")
@requires(Permission.PAYMENTS_MAKE)
def export_csv(ref: str) -> Response:
    """The batch as a table. Taking it away is itself recorded."""
    batch = queries.batch_for(viewer(), ref)
    rows = [_row(batch, payment) for payment in _live(batch)]
    with transaction():
        note_export(queries.batch_for(viewer(), ref), form="csv", actor=viewer().actor)
    return csv_download(f"{ref}.csv", HEADINGS, rows)


@bp.post("/payments/<ref>/order.xml")
@requires(Permission.PAYMENTS_MAKE)
def export_pain001(ref: str) -> Response | Answer:
    """The batch as a transfer order for the bank (pain.001)."""
    batch = queries.batch_for(viewer(), ref)
    try:
        written = pain001.document(_order(batch))
    except Invalid as error:
        return _again(ref, error)
    with transaction():
        note_export(queries.batch_for(viewer(), ref), form="pain.001", actor=viewer().actor)
    return download(written, f"{ref}.xml", "application/xml")


def _as_seen(ref: str, version: int) -> PaymentBatch:
    """Locked, and as the person saw it: nobody moves what somebody else has moved meanwhile."""
    batch = queries.batch_for(viewer(), ref, lock=True)
    if batch.version != version:
        raise Conflict(_("Somebody else has changed this payment meanwhile. Look at it again."))
    return batch


def _again(ref: str, error: AppError) -> tuple[str, int]:
    fields = error.fields if isinstance(error, Invalid) else {}
    page = batch_page(
        queries.batch_for(viewer(), ref), typed=request.form, errors=fields, problem=error.message
    )
    return page, error.status


def _live(batch: PaymentBatch) -> list[Payment]:
    return [payment for payment in queries.all_payments(batch) if payment.state != REJECTED]


def _row(batch: PaymentBatch, payment: Payment) -> tuple[Any, ...]:
    bulletin = payment.bulletin
    return (
        pain001.end_to_end(batch.ref, payment.id),
        bulletin.number,
        bulletin.member_name,
        bulletin.member_number,
        money.as_text(payment.amount, batch.currency),
        batch.currency,
        batch.client.account_holder or batch.client.name,
        batch.client.iban,
        payment.state,
        payment.paid_on.isoformat() if payment.paid_on else "",
        batch.reference or "",
    )


def _order(batch: PaymentBatch) -> pain001.Order:
    settings, client, now = queries.claim_settings(), batch.client, clock.now()
    transfers = [
        pain001.Transfer(
            pain001.end_to_end(batch.ref, payment.id),
            payment.amount,
            f"{payment.bulletin.number} {payment.bulletin.member_number}",
        )
        for payment in _live(batch)
    ]
    return pain001.Order(
        message_id=f"{batch.ref}-{now:%Y%m%d%H%M%S}",
        made_at=now,
        day=batch.planned_on or now.date(),
        currency=batch.currency,
        payer=pain001.Account(settings.payer_name, settings.payer_iban, settings.payer_bic),
        receiver=pain001.Account(client.account_holder or client.name, client.iban, client.bic),
        transfers=transfers,
    )
