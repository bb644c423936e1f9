"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

from webapp.core import db
from webapp.tickets.portal import uploads


def prune() -> dict[str, int]:
    """Files of forms that were never sent."""
    with db.transaction():
        return {"unsent files": uploads.forget_unsent()}
