from __future__ import annotations

from sqlalchemy import select

from webapp.claims.models import ClaimSettings
from webapp.core import db

_ENABLED = select(ClaimSettings.enabled).limit(1)  # each page asks for its sidebar


def claim_settings() -> ClaimSettings:
    """The one row; a fresh, unsaved one with defaults before anybody has set anything."""
    found = db.session().scalar(select(ClaimSettings).limit(1))
    return found or ClaimSettings(
        enabled=False, four_eyes=True, payer_name="", payer_iban="", payer_bic=""
    )


def claims_shown() -> bool:
    """Whether this desk handles claims at all."""
    return bool(db.session().connection().execute(_ENABLED).scalar())
