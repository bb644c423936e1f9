"""What people type on the claim side: one input model per action."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from webapp.claims.accounts import bic, iban

Iban = Annotated[str, AfterValidator(iban)]
Bic = Annotated[str, AfterValidator(bic)]


class ClaimSettingsForm(BaseModel):
    enabled: bool = False  # an unticked box is not sent
    four_eyes: bool = False
    payer_name: str = Field("", max_length=140)
    payer_iban: Iban = ""
    payer_bic: Bic = ""
