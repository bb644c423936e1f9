"""The status of a bulletin changes here and nowhere else, whoever asked: a person, a payment, an upstream."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext

from webapp.claims import queries
from webapp.claims.actions.deriving import settle_bordereau
from webapp.claims.events import BulletinStatusChanged
from webapp.claims.models import Bulletin
from webapp.claims.states import DECIDED, PAID, REJECTED, VALIDATED, check_bulletin_move
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.money import as_text
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor


def change_bulletin_status(
    bulletin: Bulletin,
    *,
    status: str,
    actor: Actor,
    amount: Decimal | None = None,
    rejection_code: str = "",
    rejection_text: str = "",
    from_upstream: bool = False,
    by_payment: bool = False,
    settle: bool = True,
) -> Event | None:
    """Move `bulletin` to `status`. None, and nothing happens, when it already is there.

    `amount`: what is agreed to be paid, with `validated`. A person's move is one of states.BULLETIN_MOVES, and
    none while a live payment holds the bulletin; a payment's (`by_payment`) goes between validated and paid; an
    upstream's word (`from_upstream`) is taken as it is, except over a live payment of ours. Raises
    IllegalTransition or Conflict. Its bordereau follows (`settle` False: whoever moves many does that once).
    """
    if status == bulletin.status:
        return None
    if not by_payment:
        check_no_payment(bulletin)
    if not (by_payment or from_upstream):
        check_bulletin_move(bulletin.status, status)
    old = bulletin.status
    bulletin.status, bulletin.updated_at = status, clock.now()
    if actor.is_person and not from_upstream:
        bulletin.status_is_ours = True
    if not by_payment:
        _note_decision(bulletin, amount, actor, old)
        bulletin.rejection_code = rejection_code if status == REJECTED else ""
        bulletin.rejection_text = rejection_text if status == REJECTED else ""
    db.session().flush()
    fact = BulletinStatusChanged(
        subject_id=bulletin.id,
        ref=bulletin.number,
        old=old,
        new=status,
        amount=_amount_of(bulletin),
        reason=rejection_text if status == REJECTED else "",
        code=rejection_code if status == REJECTED else "",
    )
    event = record(fact, actor=actor)
    if settle:
        settle_bordereau(bulletin.bordereau, actor=actor)
    return event


def check_no_payment(bulletin: Bulletin) -> None:
    """Raises Conflict while a live payment holds it."""
    if queries.live_payment(bulletin.id) is not None:
        raise Conflict(
            gettext("This bulletin is in a payment. Take it out of the payment first."),
            code="in_a_payment",
        )


def _note_decision(bulletin: Bulletin, amount: Decimal | None, actor: Actor, old: str) -> None:
    """Who agreed to what: whoever did may not pay it, and what changes afterwards is noticed."""
    if bulletin.status in (VALIDATED, PAID):
        bulletin.validated_amount = amount if amount is not None else bulletin.payable
        bulletin.validated_payable = bulletin.payable
        bulletin.validated_by_id = actor.id if actor.kind == "user" else None
    else:
        bulletin.validated_amount = bulletin.validated_payable = None
        bulletin.validated_by_id = None
    if bulletin.status not in DECIDED:
        bulletin.decided_at = None
    elif (old, bulletin.status) != (VALIDATED, PAID):  # that was decided when it was validated
        bulletin.decided_at = clock.now()


def _amount_of(bulletin: Bulletin) -> str:
    if bulletin.status not in (VALIDATED, PAID) or bulletin.validated_amount is None:
        return ""
    return as_text(bulletin.validated_amount, bulletin.currency)
