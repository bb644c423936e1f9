"""What goes out and what comes back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, between two reads and in all; bytes of an answer after unpacking."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 60.0
    max_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """Header names are lower case; `elapsed` in seconds; `wire_bytes`: what crossed the line."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float
    url: str
    wire_bytes: int = 0

    @property
    def date(self) -> datetime | None:
        """The server's own clock, from its Date header."""
        try:
            moment = parsedate_to_datetime(self.headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
