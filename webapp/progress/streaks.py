"""Days in a row. Pure: days of the person's own calendar, with the moments and zones behind them.

A streak lives through the day that is not over yet, through `grace` missed days in a row, and through a day that
travel took: who flies east loses a date of the calendar, and has missed nothing. Clock changes move an hour, which
takes no day from anybody, since each entry's day is decided in its own zone and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

TRAVELLED_MIN = 180  # of difference between two zones: more than any change of the clocks
AWAKE = timedelta(hours=36)  # so soon after the last entry, nobody who travelled has missed a day


@dataclass(frozen=True, slots=True)
class Active:
    """A day with something done. Times aware; offsets of the zone then, in minutes."""

    day: date
    first_at: datetime
    first_offset: int
    last_at: datetime
    last_offset: int


@dataclass(frozen=True, slots=True)
class Streak:
    """`current`: days with something done, up to today or the last day that still counts; `longest`: ever."""

    current: int
    longest: int


def streak_of(days: Iterable[Active], *, today: date, grace: int = 0) -> Streak:
    """`days` in any order, each date once. What lies after `today` (entered in a zone ahead) counts as well."""
    ordered = sorted(days, key=lambda each: each.day)
    longest = run = 0
    before: Active | None = None
    for each in ordered:
        run = run + 1 if before is not None and follows(before, each, grace=grace) else 1
        longest = max(longest, run)
        before = each
    alive = before is not None and (today - before.day).days <= 1 + grace
    return Streak(run if alive else 0, longest)


def follows(before: Active, after: Active, *, grace: int = 0) -> bool:
    """Whether nothing that counts lies between these two days."""
    gap = (after.day - before.day).days
    return gap <= 1 + grace or (gap == 2 and _travelled(before, after))


def _travelled(before: Active, after: Active) -> bool:
    moved = after.first_offset - before.last_offset
    return moved >= TRAVELLED_MIN and after.first_at - before.last_at <= AWAKE


def series(
    hours: Sequence[tuple[date, float, int]], *, starts: Sequence[date]
) -> list[tuple[date, float, int]]:
    """(start, hours, logs) of each stretch that begins at one of `starts` (rising) and ends before the next."""
    found = [(start, 0.0, 0) for start in starts]
    for day, amount, logs in hours:
        place = next((n for n in range(len(starts) - 1, -1, -1) if starts[n] <= day), None)
        if place is not None:
            start, so_far, count = found[place]
            found[place] = (start, so_far + amount, count + logs)
    return found


def weeks_back(today: date, count: int) -> list[date]:
    """The Mondays of the last `count` weeks, this one included."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=n) for n in range(count - 1, -1, -1)]


def months_back(today: date, count: int) -> list[date]:
    """The firsts of the last `count` months, this one included."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]
