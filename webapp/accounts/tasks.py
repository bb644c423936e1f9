"""Background work of accounts."""

from __future__ import annotations

from webapp.accounts.actions import devices, links, signing_in
from webapp.core.db import transaction


def prune() -> dict[str, int]:
    """Let go of what is kept for a while only. How many of each."""
    with transaction():
        return {"devices": devices.prune(), "tries": signing_in.prune(), "links": links.prune()}
