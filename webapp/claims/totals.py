"""What adds up and what does not, and by when it is to be paid. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from webapp.core.money import ZERO

USUAL_PAYMENT_DAYS = 30


class Priced(Protocol):
    @property
    def amount(self) -> Decimal: ...
    @property
    def reimbursed(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Sums:
    amount: Decimal
    reimbursed: Decimal


def sums(items: Iterable[Priced]) -> Sums:
    amount, reimbursed = ZERO, ZERO
    for item in items:
        amount += item.amount
        reimbursed += item.reimbursed
    return Sums(amount, reimbursed)


def mismatch(total: Decimal, items_total: Decimal) -> Decimal:
    """By how much a declared total is above (or below) what its items add up to; nought when all is well."""
    return total - items_total


def due_on(received_on: date, *delays: int | None) -> date:
    """The last day to pay, by the first of `delays` (days: the bordereau's, contract's, client's) that is known."""
    days = next((each for each in delays if each is not None), USUAL_PAYMENT_DAYS)
    return received_on + timedelta(days=days)


def age(received_on: date, today: date) -> int:
    """Whole days since it was received."""
    return max((today - received_on).days, 0)
