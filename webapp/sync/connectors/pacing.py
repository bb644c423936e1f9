"""Not faster than declared, and not on when the upstream says that its quota is used up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

# Longer waits are not slept through: the next call is answered 429 and the run comes back later.
LONGEST_SLEEP = 30.0


class Pace:
    """`wait` before each call, `note` after it with the answer's headers (lower-case names)."""

    def __init__(
        self,
        per_minute: int | None,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._sleep = sleep
        self._clock = clock
        self._next = 0.0

    def wait(self) -> None:
        left = self._next - self._clock()
        if left > 0:
            self._sleep(min(left, LONGEST_SLEEP))
        self._next = self._clock() + self._gap

    def note(self, headers: Mapping[str, str]) -> None:
        for prefix in ("x-ratelimit-", "ratelimit-"):
            if headers.get(prefix + "remaining", "").strip() == "0":
                seconds = _seconds(headers.get(prefix + "reset", ""))
                self._next = max(self._next, self._clock() + seconds)


def _seconds(reset: str) -> float:
    """Some say in how many seconds, some at which second since 1970; nonsense is no wait."""
    try:
        value = float(reset)
    except ValueError:
        return 0.0
    if value > 1_000_000_000:
        value -= time.time()
    return min(max(value, 0.0), LONGEST_SLEEP)
