"""The last 24 hours of runs as a drawing, and the same in numbers by the hour. Pure: runs and the clock go in.

Time runs to the right, 1 unit a minute. A run stands where it began and is as wide as it took, but wide enough to be
seen; the higher, the longer it took. One that failed hangs below the line: the state is told by more than colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WIDTH, LINE, HEIGHT = 1440, 48, 64
NARROWEST, WIDEST = 4.0, 12.0
LOWEST, HIGHEST, BELOW = 10.0, 46.0, 14.0
DAY = timedelta(hours=24)

Run = Any  # a sync.models.Run


@dataclass(frozen=True, slots=True)
class Bar:
    run: Run
    x: float
    width: float
    y: float
    height: float


@dataclass(slots=True)
class Hour:
    """`failed`: those runs. `longest`: seconds, of those that have ended."""

    start: datetime
    runs: int
    created: int
    updated: int
    problems: int
    failed: list[Run]
    longest: float | None


def bars_of(runs: Sequence[Run], *, now: datetime) -> list[Bar]:
    """One for each run of the last 24 hours, oldest first."""
    least = min(max(WIDTH / max(len(runs), 1) * 0.6, NARROWEST), WIDEST)
    slowest = max((took(run, now) for run in runs), default=0.0) or 1.0
    return [_bar(run, now, least, slowest) for run in runs]


def took(run: Run, now: datetime) -> float:
    """Seconds; of one under way so far."""
    return max(((run.ended_at or now) - run.started_at).total_seconds(), 0.0)


def hours_of(runs: Sequence[Run], *, now: datetime) -> list[Hour]:
    """The hours in which something ran, newest first; each is counted back from now."""
    found: dict[int, Hour] = {}
    for run in runs:
        back = int((now - run.started_at).total_seconds() // 3600)
        hour = found.setdefault(back, Hour(now - timedelta(hours=back + 1), 0, 0, 0, 0, [], None))
        hour.runs += 1
        hour.created += run.created
        hour.updated += run.updated
        hour.problems += run.quarantined
        if run.state == "failed":
            hour.failed.append(run)
        if run.ended_at is not None:
            hour.longest = max(hour.longest or 0.0, took(run, now))
    return [found[back] for back in sorted(found)]


def _bar(run: Run, now: datetime, least: float, slowest: float) -> Bar:
    seconds = took(run, now)
    width = max(seconds / 60, least)
    start = (run.started_at - (now - DAY)).total_seconds() / 60
    x = min(max(start, 0.0), WIDTH - width)
    if run.state == "failed":
        return Bar(run, round(x, 2), round(width, 2), LINE + 2, BELOW)
    # By the root, so that a short run is not lost beside a long one.
    height = LOWEST + (HIGHEST - LOWEST) * (seconds / slowest) ** 0.5
    return Bar(run, round(x, 2), round(width, 2), round(LINE - height, 2), round(height, 2))
