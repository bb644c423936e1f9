"""References (T-2026-000123) and follow tokens."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import datetime

_SIZE = 32  # bytes of chance in a follow token


def reference(ticket_id: int, *, at: datetime) -> str:
    return f"T-{at.year}-{ticket_id:06d}"


def new_follow_token() -> str:
    """43 unguessable characters: whoever holds them may follow the ticket."""
    return new_follow_tokens(1)[0]


def new_follow_tokens(count: int) -> list[str]:
    """The system is asked once for the chance of all of them."""
    chance = secrets.token_bytes(_SIZE * count)
    pieces = (chance[start : start + _SIZE] for start in range(0, len(chance), _SIZE))
    return [urlsafe_b64encode(piece).rstrip(b"=").decode() for piece in pieces]
