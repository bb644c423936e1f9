"""Bordereaux and bulletins as an upstream hands them over: one input model each.

What can be stored is made storable (texts too long are cut); what cannot be kept honestly (an amount with four
decimals, below nought, no reference, a care date in the future) raises pydantic.ValidationError, which the puller
turns into a quarantined record.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from webapp.claims.states import (
    BORDEREAU_STATUSES,
    BULLETIN_STATUSES,
    PAYMENT_STATES,
    RECEIVED,
    RELATIONS,
)
from webapp.core import clock, money
from webapp.tickets.values import line

MOST_ITEMS = 500
OLDEST_YEAR = 1990


def _amount(value: Any) -> Decimal:
    amount = money.exact(value)
    if amount < 0:
        raise ValueError("is an amount below nought")
    return amount


def _maybe_amount(value: Any) -> Decimal | None:
    return None if value is None or value == "" else _amount(value)


def _day(value: Any) -> date:
    """A date, or the date of a time as it was written (not moved to another zone)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value.strip()) >= 10:
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            pass
    raise ValueError("should be a date such as 2026-11-28")


def _maybe_day(value: Any) -> date | None:
    return None if value is None or value == "" else _day(value)


def _one_of(words: tuple[str, ...], otherwise: str | None = None) -> BeforeValidator:
    def check(value: Any) -> str:
        if value not in words:
            if otherwise is not None and value in (None, ""):
                return otherwise
            raise ValueError(f"should be one of {', '.join(words)}")
        return str(value)

    return BeforeValidator(check)


def _days(value: Any) -> int | None:
    if value is None or value == "":
        return None
    days = int(value)
    if not 0 <= days <= 3650:
        raise ValueError("should be a number of days")
    return days


Amount = Annotated[Decimal, BeforeValidator(_amount)]
MaybeAmount = Annotated[Decimal | None, BeforeValidator(_maybe_amount)]
Day = Annotated[date, BeforeValidator(_day)]
MaybeDay = Annotated[date | None, BeforeValidator(_maybe_day)]
Days = Annotated[int | None, BeforeValidator(_days)]
Line80 = Annotated[str, line(80)]
Line200 = Annotated[str, line(200)]
Named80 = Annotated[
    str, line(80), Field(min_length=1)
]  # without it the record cannot be told apart


class _Values(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def given(self) -> dict[str, Any]:
        """The fields that were given: field → value."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class BordereauValues(_Values):
    reference: Named80
    client_code: Line80 = ""
    client_name: Line200 = ""
    client_email: Annotated[str, line(254)] = ""
    client_phone: Annotated[str, line(60)] = ""
    client_address: Annotated[str, line(1000)] = ""
    client_payment_days: Days = None
    client_complaint_days: Days = None
    contract_number: Line80 = ""
    contract_starts_on: MaybeDay = None
    contract_ends_on: MaybeDay = None
    contract_ceiling: MaybeAmount = None
    provider: Line200 = ""
    received_on: Day
    payment_days: Days = None
    status: Annotated[str, _one_of(BORDEREAU_STATUSES, RECEIVED)] = RECEIVED
    external_status: Line200 = ""
    bulletin_count: Annotated[int | None, Field(ge=0)] = None
    total: MaybeAmount = None
    source: Annotated[str, line(30)] = "import"
    source_name: Annotated[str, line(120)] = ""

    @model_validator(mode="after")
    def _known_client(self) -> BordereauValues:
        if not (self.client_code or self.client_name):
            raise ValueError("names no client")
        return self


class ItemValues(_Values):
    code: Line80 = ""
    label: Annotated[str, line(300)] = ""
    provider: Line200 = ""
    amount: Amount
    reimbursed: Amount


class BulletinValues(_Values):
    number: Named80
    member_number: Line80 = ""
    member_name: Line200 = ""
    beneficiary_relation: Annotated[str, _one_of(("", *RELATIONS), "")] = ""
    beneficiary_name: Line200 = ""
    beneficiary_born_on: MaybeDay = None
    care_date: Day
    status: Annotated[str, _one_of(BULLETIN_STATUSES, RECEIVED)] = RECEIVED
    external_status: Line200 = ""
    # What the upstream says of its payment; ours is made here and stands in `payment`.
    payment_status: Annotated[str, _one_of(("", *PAYMENT_STATES), "")] = ""
    payment_amount: MaybeAmount = None
    payment_on: MaybeDay = None
    payment_reference: Line80 = ""
    rejection_text: Annotated[str, line(2000)] = ""
    total: Amount
    items: Annotated[tuple[ItemValues, ...], Field(max_length=MOST_ITEMS)] = ()
    bordereau_id: int = 0  # ours, into which it came
    source: Annotated[str, line(30)] = "import"
    source_name: Annotated[str, line(120)] = ""

    @model_validator(mode="after")
    def _plausible(self) -> BulletinValues:
        if self.care_date > clock.now().date():
            raise ValueError("the care date lies in the future")
        if self.care_date.year < OLDEST_YEAR:
            raise ValueError(f"a care date before {OLDEST_YEAR} is no real date")
        return self
