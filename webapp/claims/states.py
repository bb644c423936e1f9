"""Statuses of bulletins, bordereaux and payments, their moves, and who may make them. Pure; drawn in docs/states.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from webapp.core.errors import IllegalTransition

RECEIVED = "received"
IN_PROGRESS = "in_progress"
VALIDATED = "validated"
REJECTED = "rejected"
PAID = "paid"

BULLETIN_STATUSES = (RECEIVED, IN_PROGRESS, VALIDATED, REJECTED, PAID)
DECIDED = (VALIDATED, REJECTED, PAID)
OPEN = (RECEIVED, IN_PROGRESS)

# What a person may do by hand. `paid` comes from a payment alone, and goes with it.
BULLETIN_MOVES: Mapping[str, tuple[str, ...]] = {
    RECEIVED: (IN_PROGRESS,),
    IN_PROGRESS: (VALIDATED, REJECTED, RECEIVED),
    VALIDATED: (IN_PROGRESS,),
    REJECTED: (IN_PROGRESS,),
    PAID: (),
}

SCANNED = "scanned"
PROCESSED = "processed"
CLOSED = "closed"

BORDEREAU_STATUSES = (RECEIVED, SCANNED, IN_PROGRESS, VALIDATED, REJECTED, PROCESSED, CLOSED)
BORDEREAU_OPEN = (RECEIVED, SCANNED, IN_PROGRESS, VALIDATED)
# Its own steps; every other status follows from its bulletins.
BORDEREAU_STEPS: Mapping[str, tuple[str, ...]] = {
    RECEIVED: (SCANNED,),
    SCANNED: (RECEIVED,),
    PROCESSED: (CLOSED,),
    REJECTED: (CLOSED,),
    CLOSED: (PROCESSED,),  # reopened: what its bulletins say
}

PENDING = "pending"
SCHEDULED = "scheduled"
PROCESSING = "processing"

PAYMENT_STATES = (PENDING, SCHEDULED, PROCESSING, PAID, REJECTED)
PAYMENT_FINAL = (PAID, REJECTED)
PAYMENT_MOVES: Mapping[str, tuple[str, ...]] = {
    PENDING: (SCHEDULED, REJECTED),
    SCHEDULED: (PROCESSING, PENDING, REJECTED),
    PROCESSING: (PAID, REJECTED),
    PAID: (),
    REJECTED: (),
}

RELATIONS = ("member", "spouse", "child", "parent")

# Why a bulletin is rejected, to choose from; each also takes a text. `other` needs one.
REJECTIONS = (
    "not_covered",
    "ceiling_reached",
    "missing_document",
    "contract_not_in_force",
    "duplicate",
    "amount_wrong",
    "late",
    "other",
)


def check_bulletin_move(status: str, new: str) -> None:
    """Raises IllegalTransition unless a person may move a bulletin from `status` to `new`."""
    if new not in BULLETIN_MOVES[status]:
        raise IllegalTransition(f"A bulletin cannot go from “{status}” to “{new}”.")


def check_bordereau_step(status: str, new: str) -> None:
    """Raises IllegalTransition unless a person may take a bordereau from `status` to `new`."""
    if new not in BORDEREAU_STEPS.get(status, ()):
        raise IllegalTransition(f"A bordereau cannot go from “{status}” to “{new}”.")


def check_payment_move(state: str, new: str) -> None:
    """Raises IllegalTransition unless a payment may go from `state` to `new`."""
    if new not in PAYMENT_MOVES[state]:
        raise IllegalTransition(f"A payment cannot go from “{state}” to “{new}”.")


def bordereau_status(current: str, bulletins: Collection[str]) -> str:
    """What a bordereau's status is, given its bulletins' statuses. What was closed stays so until it is reopened."""
    if current == CLOSED:
        return CLOSED
    kinds = set(bulletins)
    if not kinds or kinds == {RECEIVED}:
        return current if current in (RECEIVED, SCANNED) else RECEIVED
    if kinds & set(OPEN):
        return IN_PROGRESS
    if VALIDATED in kinds:
        return VALIDATED
    return PROCESSED if PAID in kinds else REJECTED


def batch_state(current: str, payments: Collection[str]) -> str:
    """What a batch's state is, given its payments': that of those still under way, else how they ended."""
    open_ones = [state for state in payments if state not in PAYMENT_FINAL]
    if open_ones:
        return current if current in open_ones else open_ones[0]
    return PAID if PAID in payments else REJECTED


def may_pay(validated_by: int | None, payer: int | None, *, four_eyes: bool) -> bool:
    """Four eyes: nobody pays what they validated themselves, unless the desk allows it."""
    return not four_eyes or validated_by is None or validated_by != payer
