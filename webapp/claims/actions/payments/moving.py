"""A batch goes its way, and its payments and bulletins with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.claims.actions.deriving import settle_bordereaux
from webapp.claims.actions.moving import change_bulletin_status
from webapp.claims.actions.payments.checking import check_payable, check_payer
from webapp.claims.events import (
    Changes,
    PaymentBatchEdited,
    PaymentBatchExported,
    PaymentBatchMoved,
    PaymentStateChanged,
)
from webapp.claims.models import Bulletin, Payment, PaymentBatch
from webapp.claims.states import (
    PAID,
    PAYMENT_FINAL,
    PENDING,
    PROCESSING,
    REJECTED,
    SCHEDULED,
    batch_state,
    check_payment_move,
)
from webapp.core import clock, db, money
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record
from webapp.events.types import Actor


def edit_batch(
    batch: PaymentBatch, *, planned_on: date | None, reference: str, note: str, actor: Actor
) -> None:
    """Day, transfer reference and note, while it is not over. Raises Invalid for a reference used before."""
    if batch.state in PAYMENT_FINAL:
        raise Conflict(gettext("This payment is over; it is kept as it is."))
    wanted = {"planned_on": planned_on, "reference": _reference(batch, reference), "note": note}
    changes: Changes = {}
    for name, new in wanted.items():
        old = getattr(batch, name)
        if (old or None) != (new or None):
            setattr(batch, name, new)
            changes[name] = [_text(old), _text(new)]
    if changes:
        batch.updated_at = clock.now()
        db.session().flush()
        record(PaymentBatchEdited(subject_id=batch.id, ref=batch.ref, changes=changes), actor=actor)


def move_batch(
    batch: PaymentBatch,
    *,
    to: str,
    actor: Actor,
    reference: str = "",
    on: date | None = None,
    why: str = "",
) -> None:
    """All its payments that are under way go to `to`. `reference` and `on` (the day): needed for `paid`, and the
    day for `scheduled`. `why`: for `rejected`. Raises IllegalTransition, Invalid or Conflict; then nothing moved."""
    check_payment_move(batch.state, to)
    payments = _under_way(batch)
    bulletins = _bulletins(payments)
    if to in (SCHEDULED, PROCESSING):
        check_payable(bulletins, payer=actor, held_here=True)
    elif to == PAID:
        check_payer(bulletins, payer=actor)
    _complete(batch, to=to, reference=reference, on=on)
    for payment in payments:
        move_payment(payment, batch, to, actor=actor, on=on, why=why)
    settle_batch(batch, actor=actor)


def move_payment(
    payment: Payment,
    batch: PaymentBatch,
    to: str,
    *,
    actor: Actor,
    on: date | None = None,
    why: str = "",
) -> None:
    """One payment; paid, it makes its bulletin paid. Raises IllegalTransition."""
    check_payment_move(payment.state, to)
    old, now = payment.state, clock.now()
    payment.state, payment.updated_at, payment.processed_by = to, now, actor.name
    payment.paid_on = (on or now.date()) if to == PAID else None
    payment.bank_text = why[:300]
    bulletin = payment.bulletin
    db.session().flush()
    fact = PaymentStateChanged(
        subject_id=bulletin.id,
        ref=bulletin.number,
        payment_id=payment.id,
        batch=batch.ref,
        old=old,
        new=to,
        amount=money.as_text(payment.amount, batch.currency),
        reference=batch.reference or "",
        reason=why,
    )
    record(fact, actor=actor)
    if to == PAID:
        change_bulletin_status(bulletin, status=PAID, actor=actor, by_payment=True, settle=False)


def settle_batch(batch: PaymentBatch, *, actor: Actor) -> None:
    """Its state, count and total follow its payments; so do the bordereaux whose bulletins were paid."""
    session = db.session()
    session.flush()
    rows = session.execute(
        select(Payment.state, Payment.amount).where(Payment.batch_id == batch.id)
    ).all()
    bordereaux = session.scalars(
        select(Bulletin.bordereau_id)
        .join(Payment, Payment.bulletin_id == Bulletin.id)
        .where(Payment.batch_id == batch.id)
        .distinct()
    ).all()
    settle_bordereaux(bordereaux, actor=actor)
    live = [row.amount for row in rows if row.state != REJECTED]
    batch.count, batch.total = len(live), money.total(live)
    old, new = batch.state, batch_state(batch.state, [row.state for row in rows])
    batch.updated_at = clock.now()
    if new == old:
        session.flush()
        return
    batch.state, batch.processed_by = new, actor.name
    session.flush()
    fact = PaymentBatchMoved(
        subject_id=batch.id, ref=batch.ref, old=old, new=new, reference=batch.reference or ""
    )
    record(fact, actor=actor)


def note_export(batch: PaymentBatch, *, form: str, actor: Actor) -> None:
    """Who took the order away, and as what, stands in the history."""
    record(PaymentBatchExported(subject_id=batch.id, ref=batch.ref, form=form), actor=actor)


def _under_way(batch: PaymentBatch) -> Sequence[Payment]:
    return (
        db.session()
        .scalars(
            select(Payment)
            .where(Payment.batch_id == batch.id, Payment.state.not_in(PAYMENT_FINAL))
            .order_by(Payment.bulletin_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .all()
    )


def _bulletins(payments: Sequence[Payment]) -> Sequence[Bulletin]:
    return (
        db.session()
        .scalars(
            select(Bulletin)
            .where(Bulletin.id.in_([payment.bulletin_id for payment in payments]))
            .order_by(Bulletin.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .all()
    )


def _complete(batch: PaymentBatch, *, to: str, reference: str, on: date | None) -> None:
    if to == SCHEDULED:
        batch.planned_on = on or batch.planned_on
        if batch.planned_on is None:
            raise Invalid(
                gettext("Say on which day it is to be paid."),
                fields={"on": gettext("Please fill this in.")},
            )
    if reference:
        batch.reference = _reference(batch, reference)
    if to == PAID and not batch.reference:
        raise Invalid(
            gettext("Give the bank's transfer reference."),
            fields={"reference": gettext("Please fill this in.")},
        )
    if to == PENDING:
        batch.planned_on = None
    db.session().flush()


def _reference(batch: PaymentBatch, typed: str) -> str | None:
    """The bank's reference as it is kept: capitals, single blanks. Raises Invalid where another batch has it."""
    reference = " ".join(typed.split()).upper() or None
    if reference is None:
        return None
    other = db.session().scalar(
        select(PaymentBatch.ref).where(
            PaymentBatch.reference == reference, PaymentBatch.id != batch.id
        )
    )
    if other is not None:
        sentence = gettext("The payment %(ref)s has this transfer reference already.", ref=other)
        raise Invalid(sentence, fields={"reference": sentence})
    return reference


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:200]
