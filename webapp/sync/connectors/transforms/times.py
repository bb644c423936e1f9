"""Moments in UTC. A time without a zone is taken in the zone that the connection declares, and said so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]

_LOOSE_OFFSET = re.compile(r"\s+(Z|UTC|[+-]\d\d:?\d\d)$")


def moment(*, zone: ZoneInfo, format: str | None = None, timezone: str | None = None) -> Transform:  # noqa: A002
    """`format`: a strptime pattern where the time is not ISO 8601; `timezone` overrides the declared one."""
    place = ZoneInfo(timezone) if timezone else zone

    def apply(value: Any, warn: Warn) -> Any:
        if value.__class__ is str and value[-1:] == "Z" and format is None:
            try:
                return datetime.fromisoformat(value)  # in UTC already, as most are
            except ValueError:
                pass
        return parse_moment(value, zone=place, warn=warn, pattern=format)

    return apply


def parse_moment(
    value: Any, *, zone: ZoneInfo, warn: Warn | None = None, pattern: str | None = None
) -> datetime | None:
    """ISO 8601, seconds or milliseconds since 1970, or `pattern`. Raises ValueError; empty is None."""
    try:
        found = _parsed(value, pattern)
        if found is None:
            return None
        if found.tzinfo is None:
            if warn is not None:
                warn(f"times without a zone are taken as {zone.key}")
            found = found.replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("this is not a date and time that can be read") from None


def _parsed(value: Any, pattern: str | None) -> datetime | None:
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if pattern is not None:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 (the zone is added above)
        if len(text) < 8:
            raise ValueError(text)
        if text.isdecimal() and len(text) in (10, 13):
            return _since_1970(int(text))
        if " " in text:
            text = _LOOSE_OFFSET.sub(lambda found: "Z" if found[1] == "UTC" else found[1], text)
        return datetime.fromisoformat(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value)
    raise ValueError(value)


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if abs(number) > 100_000_000_000 else number
    return datetime.fromtimestamp(seconds, UTC)


def write_moment(value: datetime, how: str) -> str:
    """A moment as a query parameter: iso, iso_z, date, epoch or epoch_ms."""
    exact = value.astimezone(UTC)
    if how == "date":
        return exact.date().isoformat()
    if how == "epoch":
        return str(int(exact.timestamp()))
    if how == "epoch_ms":
        return str(int(exact.timestamp() * 1000))
    parts = "milliseconds" if exact.microsecond else "seconds"
    written = exact.isoformat(timespec=parts)
    return written.replace("+00:00", "Z") if how == "iso_z" else written
