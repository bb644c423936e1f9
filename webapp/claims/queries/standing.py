"""What stands for and against paying bulletins, read for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from webapp.claims.duplicates import blocks
from webapp.claims.models import Bulletin, Complaint, DuplicatePair, Payment
from webapp.claims.payability import Standing
from webapp.claims.states import PAID, REJECTED
from webapp.core import db
from webapp.tickets.models import Ticket


def standing_of(bulletins: Sequence[Bulletin]) -> dict[int, Standing]:
    """bulletin's key → its standing; two statements for all of them."""
    ids = [bulletin.id for bulletin in bulletins]
    live = set(
        db.session().scalars(
            select(Payment.bulletin_id).where(
                Payment.bulletin_id.in_(ids), Payment.state != REJECTED
            )
        )
    )
    undecided, duplicate = _doubtful(ids)
    return {
        bulletin.id: Standing(
            status=bulletin.status,
            payable=bulletin.payable,
            validated_amount=bulletin.validated_amount,
            validated_payable=bulletin.validated_payable,
            validated_by_id=bulletin.validated_by_id,
            paid_there=bulletin.external_payment == PAID,
            live_payment=bulletin.id in live,
            undecided=bulletin.id in undecided,
            duplicate=bulletin.id in duplicate,
        )
        for bulletin in bulletins
    }


def latest_complaint(bulletin_id: int) -> Ticket | None:
    """The ticket that was tied to it last."""
    return db.session().scalar(
        select(Ticket)
        .join(Complaint, Complaint.ticket_id == Ticket.id)
        .where(Complaint.bulletin_id == bulletin_id)
        .order_by(Complaint.id.desc())
        .limit(1)
    )


def _doubtful(ids: Iterable[int]) -> tuple[set[int], set[int]]:
    """(those with a pair that nobody has decided, those that were found to be duplicates)."""
    wanted = set(ids)
    pairs = db.session().execute(
        select(DuplicatePair.first_id, DuplicatePair.second_id, DuplicatePair.decision).where(
            or_(DuplicatePair.first_id.in_(wanted), DuplicatePair.second_id.in_(wanted))
        )
    )
    undecided: set[int] = set()
    duplicate: set[int] = set()
    for first, second, decision in pairs:
        if decision == "":
            undecided |= {first, second} & wanted
        elif blocks(decision, is_first=True):
            duplicate |= {first} & wanted
        elif blocks(decision, is_first=False):
            duplicate |= {second} & wanted
    return undecided, duplicate
