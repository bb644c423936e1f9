"""The bank's answer to a transfer order: which payments it made, and which it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from webapp.claims.actions.payments.checking import check_payer
from webapp.claims.actions.payments.moving import move_payment, settle_batch
from webapp.claims.events import BankAnswerImported
from webapp.claims.models import Payment, PaymentBatch
from webapp.claims.states import PAID, PAYMENT_FINAL, REJECTED
from webapp.core import db
from webapp.events.record import record
from webapp.events.types import Actor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the bank says of one payment: paid on a day, or rejected and why."""

    paid: bool
    on: date | None = None
    why: str = ""


def apply_answer(batch: PaymentBatch, outcomes: Mapping[int, Outcome], *, actor: Actor) -> None:
    """`outcomes`: payment's key → outcome. Payments that are over already stay as they are, so that reading the
    same answer twice changes nothing. Raises IllegalTransition where one is not with the bank."""
    payments = (
        db.session()
        .scalars(
            select(Payment)
            .where(
                Payment.batch_id == batch.id,
                Payment.id.in_(outcomes),
                Payment.state.not_in(PAYMENT_FINAL),
            )
            .order_by(Payment.bulletin_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .all()
    )
    check_payer([each.bulletin for each in payments if outcomes[each.id].paid], payer=actor)
    for payment in payments:
        outcome = outcomes[payment.id]
        to = PAID if outcome.paid else REJECTED
        move_payment(payment, batch, to, actor=actor, on=outcome.on, why=outcome.why)
    settle_batch(batch, actor=actor)
    paid = sum(outcomes[payment.id].paid for payment in payments)
    fact = BankAnswerImported(
        subject_id=batch.id, ref=batch.ref, paid=paid, rejected=len(payments) - paid
    )
    if payments:
        record(fact, actor=actor)
