"""A payment batch is made of validated bulletins of one client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.claims.actions.payments.checking import check_payable
from webapp.claims.actions.payments.moving import move_payment, settle_batch
from webapp.claims.events import PaymentBatchMade, PaymentStateChanged
from webapp.claims.models import Bulletin, Client, Payment, PaymentBatch
from webapp.claims.states import PENDING, REJECTED
from webapp.core import clock, db, money
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record, record_many
from webapp.events.types import Actor

MOST_BULLETINS = 10_000


def make_batch(
    client: Client,
    bulletin_ids: Collection[int],
    *,
    actor: Actor,
    planned_on: date | None = None,
    note: str = "",
    submission_key: str | None = None,
) -> PaymentBatch:
    """One payment for each of the bulletins, of its validated amount, all pending.

    The bulletins are locked in the order of their keys, so that of two clerks who pay the same one at the same
    moment one wins, and the other reads why. Raises Invalid (nothing chosen, another client's) or Conflict.
    """
    session = db.session()
    if submission_key:
        sent_before = session.scalar(
            select(PaymentBatch).where(PaymentBatch.submission_key == submission_key)
        )
        if sent_before is not None:
            return sent_before
    bulletins = _chosen(client, bulletin_ids)
    check_payable(bulletins, payer=actor)
    now, [batch_id] = clock.now(), db.reserve_ids(PaymentBatch, 1)
    batch = PaymentBatch(
        id=batch_id,
        ref=f"P-{now.year}-{batch_id:06}",
        client_id=client.id,
        currency=bulletins[0].currency,
        state=PENDING,
        total=money.total(bulletin.validated_amount or money.ZERO for bulletin in bulletins),
        count=len(bulletins),
        planned_on=planned_on,
        created_by_id=actor.id,
        created_by=actor.name,
        note=note,
        submission_key=submission_key,
        created_at=now,
        updated_at=now,
    )
    session.add(batch)
    session.flush()
    _add_payments(batch, bulletins, actor=actor)
    _tell(batch, client, actor=actor)
    return batch


def take_out(batch: PaymentBatch, payment: Payment, *, actor: Actor) -> None:
    """Leave one bulletin out of a batch that is not with the bank yet: its payment ends as rejected."""
    if payment.state != PENDING:
        raise Conflict(
            gettext("Only a pending payment can be changed. Put it back to pending first.")
        )
    move_payment(payment, batch, REJECTED, actor=actor, why=gettext("taken out of the payment"))
    settle_batch(batch, actor=actor)


def _tell(batch: PaymentBatch, client: Client, *, actor: Actor) -> None:
    fact = PaymentBatchMade(
        subject_id=batch.id,
        ref=batch.ref,
        client=client.name,
        count=batch.count,
        total=money.as_text(batch.total, batch.currency),
    )
    record(fact, actor=actor)


def _chosen(client: Client, bulletin_ids: Collection[int]) -> Sequence[Bulletin]:
    if not bulletin_ids:
        raise Invalid(gettext("Choose the bulletins to pay."), fields={"bulletins": ""})
    if len(bulletin_ids) > MOST_BULLETINS:
        raise Invalid(gettext("At most %(n)s bulletins go into one payment.", n=MOST_BULLETINS))
    found = (
        db.session()
        .scalars(
            select(Bulletin)
            .where(Bulletin.id.in_(set(bulletin_ids)), Bulletin.client_id == client.id)
            .order_by(Bulletin.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .all()
    )
    if len(found) != len(set(bulletin_ids)):
        raise Invalid(gettext("Some of these bulletins belong to another client."))
    if len({bulletin.currency for bulletin in found}) > 1:
        raise Invalid(gettext("Bulletins of two currencies cannot be paid together."))
    return found


def _add_payments(batch: PaymentBatch, bulletins: Sequence[Bulletin], *, actor: Actor) -> None:
    session, now = db.session(), clock.now()
    payments = [
        Payment(
            batch_id=batch.id,
            bulletin_id=bulletin.id,
            amount=bulletin.validated_amount,
            state=PENDING,
            processed_by=actor.name,
            created_at=now,
            updated_at=now,
        )
        for bulletin in bulletins
    ]
    session.add_all(payments)
    try:
        session.flush()
    except IntegrityError:
        # The constraint, where every check before it was too early.
        raise Conflict(
            gettext(
                "Somebody else has just put one of these bulletins into a payment. Choose again."
            ),
            code="not_payable",
        ) from None
    record_many(
        [
            PaymentStateChanged(
                subject_id=bulletin.id,
                ref=bulletin.number,
                payment_id=payment.id,
                batch=batch.ref,
                old="",
                new=PENDING,
                amount=money.as_text(payment.amount, batch.currency),
            )
            for bulletin, payment in zip(bulletins, payments, strict=True)
        ],
        actor=actor,
    )
