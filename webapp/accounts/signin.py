"""How wrong passwords slow a sign-in down. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5  # of one e-mail
FREE_TRIES_OF_NETWORK = 50  # behind which a whole office may sit
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 3600
LONGEST_WAIT_OF_NETWORK_S = 120
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Patience:
    """How many wrong tries cost nothing, and how long the wait can grow."""

    free: int = FREE_TRIES
    longest_s: int = LONGEST_WAIT_S


WITH_EMAIL = Patience()
WITH_NETWORK = Patience(FREE_TRIES_OF_NETWORK, LONGEST_WAIT_OF_NETWORK_S)


def wait_after(failures: int, patience: Patience = WITH_EMAIL) -> timedelta:
    """Nothing for the first four; 30 s after the fifth wrong one, then doubling up to an hour."""
    if failures < patience.free:
        return timedelta(0)
    grown = FIRST_WAIT_S * 2 ** min(failures - patience.free, 20)
    return timedelta(seconds=min(grown, patience.longest_s))


def failures_left(failures: int, last_at: datetime, now: datetime) -> int:
    """How many still count: after a quiet hour none."""
    return failures if now - last_at < timedelta(seconds=LONGEST_WAIT_S) else 0


def seconds_left(locked_until: datetime | None, now: datetime) -> int:
    if locked_until is None or locked_until <= now:
        return 0
    return int((locked_until - now).total_seconds()) + 1
