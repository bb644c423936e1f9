"""How long to wait before the next try of a delivery, and when to stop trying. Pure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from webapp.core.errors import RemoteError

MINUTE, HOUR = 60, 3600

# The wait before the first, second … tenth attempt, in seconds: 46 h 20 min in all.
DELAYS_S = (0, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
MOST_ATTEMPTS = len(DELAYS_S)
JITTER = 0.2
SLOW_S = MINUTE  # after a time-out or "too many requests", hurrying makes it worse
LONGEST_ASKED_S = 6 * HOUR  # a Retry-After beyond this is junk or spite
SLOW_KINDS = ("timeout", "rate_limited")

RETRY, PARK = "retry", "park"


@dataclass(frozen=True)
class Verdict:
    """What follows from a failed attempt: `retry` after `wait_s` seconds, or `park` for a person to decide."""

    step: str
    wait_s: float = 0.0


def judge(error: RemoteError, *, attempts: int, rng: random.Random) -> Verdict:
    """`attempts` were made so far, the one that ended in `error` among them."""
    if not error.retryable or attempts >= MOST_ATTEMPTS:
        return Verdict(PARK)
    return Verdict(
        RETRY, wait_s(attempts, slow=_is_slow(error), retry_after=error.retry_after, rng=rng)
    )


def wait_s(
    attempts: int, *, rng: random.Random, slow: bool = False, retry_after: float | None = None
) -> float:
    """Seconds until the next attempt after `attempts` failed ones. The larger of schedule and Retry-After wins."""
    wait = DELAYS_S[min(attempts, MOST_ATTEMPTS - 1)] * rng.uniform(1 - JITTER, 1 + JITTER)
    if slow:
        wait = max(wait, SLOW_S * rng.uniform(1, 1 + JITTER))
    return max(wait, asked_s(retry_after))


def asked_s(retry_after: float | None) -> float:
    """The wait that an upstream asked for, made sane: never negative, never beyond six hours."""
    if retry_after is None or math.isnan(retry_after):
        return 0.0
    return min(max(retry_after, 0.0), float(LONGEST_ASKED_S))


def _is_slow(error: RemoteError) -> bool:
    return error.kind in SLOW_KINDS or error.http_status in (408, 429)
