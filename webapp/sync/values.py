"""Field values in one canonical, JSON-ready form, so that equality means agreement of the two sides. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Canonical = dict[str, Any]
LONGEST_TOLD = 200


def plain(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.6f}"
    return value


def in_short(value: Any) -> str | None:
    """As it stands in an event: at most 200 characters."""
    text = None if value is None else str(value)
    return text if text is None or len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…"
