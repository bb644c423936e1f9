"""When a connection is pulled next. Pure; the dice come in as an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

LONGEST = timedelta(hours=1)
JITTER = 0.2


def next_pull(
    now: datetime,
    *,
    interval: timedelta,
    failures: int,
    dice: Callable[[], float],
    wait: float | None = None,
) -> datetime:
    """After a good run (`failures` 0): the interval. After a failed one: doubling up to an hour, never below
    the interval. `wait`: seconds the upstream asked for; the longer wins. `dice` gives 0 … 1.
    """
    pause = interval
    if failures > 1:
        pause = max(interval, min(interval * 2 ** min(failures - 1, 10), LONGEST))
    if failures:
        pause *= 1 + JITTER * (2 * dice() - 1)
    return now + max(pause, timedelta(seconds=wait or 0))
