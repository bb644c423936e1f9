"""Why a bulletin cannot be paid now. Pure: the one place where it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from webapp.claims.states import VALIDATED, may_pay

NOT_VALIDATED = "not_validated"
IN_A_PAYMENT = "in_a_payment"
DUPLICATE_OPEN = "duplicate_open"
DUPLICATE = "duplicate"
CHANGED = "changed"
PAID_THERE = "paid_there"
OWN_VALIDATION = "own_validation"


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for paying one bulletin. `decisions`: of its duplicate pairs, as (decision, is it the first)."""

    status: str
    payable: Decimal
    validated_amount: Decimal | None
    validated_payable: Decimal | None
    validated_by_id: int | None
    paid_there: bool = False
    live_payment: bool = False
    undecided: bool = False
    duplicate: bool = False


def obstacles(standing: Standing, *, payer_id: int | None, four_eyes: bool) -> list[str]:
    """Codes of everything that stands in the way, the weightiest first; empty: it may be paid."""
    found = []
    if standing.live_payment:
        found.append(IN_A_PAYMENT)
    if standing.paid_there:
        found.append(PAID_THERE)
    if standing.duplicate:
        found.append(DUPLICATE)
    if standing.undecided:
        found.append(DUPLICATE_OPEN)
    if standing.status != VALIDATED or not standing.validated_amount:
        found.append(NOT_VALIDATED)
    elif changed(standing.payable, standing.validated_payable):
        found.append(CHANGED)
    if not may_pay(standing.validated_by_id, payer_id, four_eyes=four_eyes):
        found.append(OWN_VALIDATION)
    return found


def changed(payable: Decimal, validated_payable: Decimal | None) -> bool:
    """Whether the upstream changed what is paid back after a person had agreed to it."""
    return validated_payable is not None and payable != validated_payable
