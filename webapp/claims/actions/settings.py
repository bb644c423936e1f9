"""How the desk handles claims."""

from __future__ import annotations

from typing import Any

from webapp.claims import queries
from webapp.claims.accounts import masked
from webapp.claims.events import Changes, ClaimSettingsEdited
from webapp.claims.forms import ClaimSettingsForm
from webapp.claims.models import ClaimSettings
from webapp.core import db
from webapp.events.record import record
from webapp.events.types import Actor

_SECRETIVE = ("payer_iban",)


def edit_claim_settings(form: ClaimSettingsForm, *, actor: Actor) -> ClaimSettings:
    return _set(form.model_dump(), actor=actor)


def enable_claims(*, actor: Actor) -> ClaimSettings:
    """Show the claim side: its first connection was made."""
    return _set({"enabled": True}, actor=actor)


def _set(values: dict[str, Any], *, actor: Actor) -> ClaimSettings:
    settings = queries.claim_settings()
    changes: Changes = {}
    for name, new in values.items():
        old = getattr(settings, name)
        if old != new:
            setattr(settings, name, new)
            changes[name] = [_shown(name, old), _shown(name, new)]
    db.session().add(settings)
    db.session().flush()
    if changes:
        record(ClaimSettingsEdited(subject_id=settings.id, changes=changes), actor=actor)
    return settings


def _shown(name: str, value: Any) -> str:
    return masked(value) if name in _SECRETIVE else str(value)
