"""What people type on the claim side: one input model per action."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from flask_babel import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from webapp.claims.accounts import bic, iban
from webapp.core import money
from webapp.tickets.forms import Body, SubmissionKey

Iban = Annotated[str, AfterValidator(iban)]
Bic = Annotated[str, AfterValidator(bic)]


class DuplicateForm(BaseModel):
    """`seen`: the decision that stood when the page was made, so that nobody overrules one they have not seen."""

    decision: Literal["different", "first", "second"]
    note: str = Field("", max_length=2000)
    seen: str = Field("", max_length=20)


def _amount(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return money.typed(str(value))
    except ValueError:
        raise ValueError(
            gettext("Write an amount with at most three decimals after a point, such as 60.500.")
        ) from None


Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


def _day_or_none(value: object) -> object:
    return None if value == "" else value


MaybeDay = Annotated[date | None, BeforeValidator(_day_or_none)]


class NewBatchForm(BaseModel):
    client: int
    planned_on: MaybeDay = None
    note: str = Field("", max_length=2000)
    submission_key: str = Field("", max_length=43)


class BatchForm(BaseModel):
    planned_on: MaybeDay = None
    reference: str = Field("", max_length=80)
    note: str = Field("", max_length=2000)
    version: int


class MoveForm(BaseModel):
    """`version`: of the batch that the person saw."""

    to: Literal["pending", "scheduled", "processing", "paid", "rejected"]
    on: MaybeDay = None
    reference: str = Field("", max_length=80)
    why: str = Field("", max_length=300)
    version: int


class ClaimSettingsForm(BaseModel):
    enabled: bool = False  # an unticked box is not sent
    four_eyes: bool = False
    payer_name: str = Field("", max_length=140)
    payer_iban: Iban = ""
    payer_bic: Bic = ""


class BulletinStatusForm(BaseModel):
    """`seen`: what the page showed when the person decided (Bulletin.seen). `amount`, `reason`, `text`: of the
    decisions that need them (actions.decide_bulletin checks)."""

    status: Literal["received", "in_progress", "validated", "rejected"]
    seen: str = Field("", max_length=80)
    amount: Amount = None
    reason: str = Field("", max_length=40)
    text: str = Field("", max_length=2000)


class BordereauStepForm(BaseModel):
    """`seen`: the status that the page showed."""

    step: Literal["received", "scanned", "closed", "processed"]
    seen: str = Field("", max_length=20)


def _days(value: object) -> object:
    return None if value is None or value == "" else value


Days = Annotated[Annotated[int, Field(ge=0, le=3650)] | None, BeforeValidator(_days)]


class ClientForm(BaseModel):
    """Where a client's transfers go, and how long they may take. `version`: what the page showed."""

    model_config = ConfigDict(validate_default=True)

    iban: Iban = ""
    bic: Bic = ""
    account_holder: str = Field("", max_length=140)
    payment_days: Days = None
    version: int

    @field_validator("account_holder", mode="after")
    @classmethod
    def _whose_account(cls, holder: str, info: ValidationInfo) -> str:
        if info.data.get("iban") and not holder:
            raise ValueError(gettext("Say in whose name the account is: banks compare it."))
        return holder


class ContractForm(BaseModel):
    payment_days: Days = None
    version: int


class ComplaintForm(BaseModel):
    """A new ticket about a bulletin; the rest of it follows from the bulletin."""

    title: str = Field(min_length=1, max_length=300)
    description: str = Field(min_length=1, max_length=20_000)
    submission_key: SubmissionKey = None


class TieForm(BaseModel):
    """Of a ticket's page: the bulletin, chosen from matches or named by its number."""

    bulletin_id: int | None = None
    number: str = Field("", max_length=80)

    @field_validator("bulletin_id", mode="before")
    @classmethod
    def _not_chosen(cls, value: object) -> object:
        return value or None


class BulletinNoteForm(BaseModel):
    """May be empty where files come with it."""

    body: Body = ""
    submission_key: SubmissionKey = None
