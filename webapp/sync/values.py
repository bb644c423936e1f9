"""Field values in one canonical, JSON-ready form, so that equality means agreement of the two sides. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from webapp.core import clock

_SIXTH = Decimal("0.000001")

Canonical = dict[str, Any]
LONGEST_TOLD = 200


def plain(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, datetime):
        return clock.written(value if value.tzinfo is UTC else value.astimezone(UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # Six places are written out alike by both, and by `str` much faster.
        return str(value) if value.same_quantum(_SIXTH) else f"{value:.6f}"
    return value


def exactly(value: Any) -> Any:
    """As `plain`, with amounts written out with all their places: 60.500."""
    return str(value) if isinstance(value, Decimal) else plain(value)


def child_field(kind: str, field: str) -> str:
    """How decided values of a child's field are kept apart from those of a field of its parent's of that name."""
    return f"{kind}.{field}"


def kind_of(field: str) -> tuple[str, str]:
    """The other way round: (kind of record, its field). The kind is empty for the list's own."""
    kind, _dot, own = field.rpartition(".")
    return kind, own


def in_short(value: Any) -> str | None:
    """As it stands in an event: at most 200 characters."""
    text = None if value is None else str(value)
    return text if text is None or len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…"
