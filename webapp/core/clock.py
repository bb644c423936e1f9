"""The clock. Everything asks here, so that tests can move time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)
