"""References (T-2026-000123) and follow tokens."""

from __future__ import annotations

import secrets
from datetime import datetime


def reference(ticket_id: int, *, at: datetime) -> str:
    return f"T-{at.year}-{ticket_id:06d}"


def new_follow_token() -> str:
    """43 unguessable characters: whoever holds them may follow the ticket."""
    return secrets.token_urlsafe(32)
