"""Time at a demo upstream: milliseconds since 1970 inside, ISO 8601 with its own offset outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def millis(when: datetime) -> int:
    """Milliseconds since 1970."""
    return round(when.timestamp() * 1000)


def iso(stamp: int, *, hours: int, timespec: str = "milliseconds") -> str:
    """An ISO time at a fixed offset of `hours` east of Greenwich."""
    local = datetime.fromtimestamp(stamp / 1000, UTC) + timedelta(hours=hours)
    return local.replace(tzinfo=None).isoformat(timespec=timespec) + f"+{hours:02d}:00"


def moment(raw: str) -> int:
    """Milliseconds of an ISO time; without an offset it is UTC. Raises ValueError."""
    when = datetime.fromisoformat(raw)
    return millis(when if when.tzinfo else when.replace(tzinfo=UTC))
