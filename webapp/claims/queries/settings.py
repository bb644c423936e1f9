from __future__ import annotations

from sqlalchemy import false, func, select

from webapp.accounts.callers import ask_beside
from webapp.claims.models import ClaimSettings
from webapp.core import db

# Each page asks for its sidebar.
_ENABLED = select(ClaimSettings.enabled).limit(1)
ask_beside(claims_shown=func.coalesce(_ENABLED.scalar_subquery(), false()))


def claim_settings() -> ClaimSettings:
    """The one row; a fresh, unsaved one with defaults before anybody has set anything."""
    found = db.session().scalar(select(ClaimSettings).limit(1))
    return found or ClaimSettings(
        enabled=False, four_eyes=True, payer_name="", payer_iban="", payer_bic=""
    )


def claims_shown() -> bool:
    """Whether this desk handles claims at all."""
    return bool(db.session().connection().execute(_ENABLED).scalar())
