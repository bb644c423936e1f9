"""What people type on the claim side: one input model per action."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from webapp.claims.accounts import bic, iban

Iban = Annotated[str, AfterValidator(iban)]
Bic = Annotated[str, AfterValidator(bic)]


class DuplicateForm(BaseModel):
    """`seen`: the decision that stood when the page was made, so that nobody overrules one they have not seen."""

    decision: Literal["different", "first", "second"]
    note: str = Field("", max_length=2000)
    seen: str = Field("", max_length=20)


class ClaimSettingsForm(BaseModel):
    enabled: bool = False  # an unticked box is not sent
    four_eyes: bool = False
    payer_name: str = Field("", max_length=140)
    payer_iban: Iban = ""
    payer_bic: Bic = ""
