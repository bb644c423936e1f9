"""How wrong passwords slow a sign-in down. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 3600


def wait_after(failures: int) -> timedelta:
    """Nothing for the first four; 30 s after the fifth wrong one, then doubling up to an hour."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return timedelta(seconds=min(FIRST_WAIT_S * 2 ** (failures - FREE_TRIES), LONGEST_WAIT_S))


def seconds_left(locked_until: datetime | None, now: datetime) -> int:
    if locked_until is None or locked_until <= now:
        return 0
    return int((locked_until - now).total_seconds()) + 1
