"""What the figures of runs mean: slots, days of a zone, rates, percentiles. Pure.

Days are cut at midnight of the zone, so that one in which the clocks move has 23 or 25 hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, TypeVar

SLOT_S = 900
IN_HOUR, IN_DAY = 4, 96
STATES = ("ok", "partial", "failed", "cancelled")
COUNTERS = (
    "fetched",
    "created",
    "updated",
    "unchanged",
    "deferred",
    "skipped",
    "quarantined",
    "requests",
    "bytes",
)
PERIODS: Mapping[str, int] = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}  # days
SHORTEST = "24h"  # drawn by the hour, the others by the day

K = TypeVar("K", str, int)

ERROR, TOOK = "error", "took"


@dataclass(frozen=True, slots=True)
class Segment:
    """From this slot on the zone is so many slots ahead of UTC."""

    first: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in columns. A slot's column is (slot + ahead of its segment) // size - base."""

    first: int  # slot
    end: int  # slot after the last
    size: int  # slots in a column, where no clock moves
    base: int
    segments: tuple[Segment, ...]
    starts: tuple[datetime, ...]  # of the columns, in the zone

    @property
    def by_hour(self) -> bool:
        return self.size == IN_HOUR


@dataclass(slots=True)
class Totals:
    """Runs by how they ended, records by what became of them."""

    counts: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)  # kind → runs
    took: dict[int, int] = field(default_factory=dict)  # milliseconds → runs

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    @property
    def finished(self) -> int:
        """Runs that came to an end of their own: what somebody stopped says nothing."""
        return self["ok"] + self["partial"] + self["failed"]

    @property
    def success(self) -> float | None:
        """The share that brought what they were asked for; None where none has ended."""
        return (self.finished - self["failed"]) / self.finished if self.finished else None

    @property
    def error_rate(self) -> float | None:
        return self["failed"] / self.finished if self.finished else None

    @property
    def problem_rate(self) -> float | None:
        """The share of the records fetched that could not be read."""
        return self["quarantined"] / self["fetched"] if self["fetched"] else None

    @property
    def median(self) -> float | None:
        return percentile(self.took, 0.5)

    @property
    def p90(self) -> float | None:
        return percentile(self.took, 0.9)

    def add(self, other: Totals) -> None:
        _add(self.counts, other.counts)
        _add(self.errors, other.errors)
        _add(self.took, other.took)


def slot_of(at: datetime) -> int:
    return int(at.timestamp() // SLOT_S)


def totals_of(run: Any) -> Totals:
    """One ended run (a row with a Run's columns) as totals."""
    found = Totals({run.state: 1, **{name: getattr(run, name) for name in COUNTERS}})
    found.counts["waited_ms"] = round((run.waited_s or 0) * 1000)
    if run.state == "failed":
        found.errors[run.error_kind or "broken"] = 1
    if run.state != "cancelled" and run.ended_at is not None:
        found.took[two_digits((run.ended_at - run.started_at) / timedelta(milliseconds=1))] = 1
    return found


def two_digits(number: float) -> int:
    """`number` to two significant digits, so that few different ones are kept; off by at most 5 %."""
    if number < 1:
        return 0
    unit = max(10 ** (math.floor(math.log10(number)) - 1), 1)
    return round(number / unit) * unit


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Seconds that `share` of the runs took at most (nearest rank); None where there are none."""
    left = math.ceil(share * sum(counts.values()))
    for milliseconds in sorted(counts):
        left -= counts[milliseconds]
        if left <= 0:
            return milliseconds / 1000
    return None


def span_of(period: str, *, now: datetime, zone: tzinfo) -> Span:
    """The last 24 hours by the hour, or so many days by the day; the present one is the last."""
    return _hours(now, zone) if period == SHORTEST else _days(PERIODS[period], now, zone)


def column_of(span: Span, slot: int) -> int:
    """As the database computes it."""
    ahead = next(each.ahead for each in reversed(span.segments) if each.first <= slot)
    return (slot + ahead) // span.size - span.base


def whole(columns: Iterable[Totals]) -> Totals:
    found = Totals()
    for each in columns:
        found.add(each)
    return found


def _add(mine: dict[K, int], theirs: Mapping[K, int]) -> None:
    for name, number in theirs.items():
        mine[name] = mine.get(name, 0) + number


def _hours(now: datetime, zone: tzinfo) -> Span:
    ahead = _ahead(slot_of(now), zone)
    last = (slot_of(now) + ahead) // IN_HOUR * IN_HOUR - ahead
    first = last - 23 * IN_HOUR
    # Hours pass evenly whatever the clocks do, so one segment is all.
    starts = tuple(_at(first + n * IN_HOUR, zone) for n in range(24))
    segment = Segment(first, ahead)
    return Span(first, last + IN_HOUR, IN_HOUR, (first + ahead) // IN_HOUR, (segment,), starts)


def _days(days: int, now: datetime, zone: tzinfo) -> Span:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    starts = tuple(midnight - timedelta(days=n) for n in reversed(range(days)))
    first, end = slot_of(starts[0]), slot_of(midnight + timedelta(days=1))
    segments = _segments(first, end, zone)
    return Span(first, end, IN_DAY, (first + segments[0].ahead) // IN_DAY, segments, starts)


def _segments(first: int, end: int, zone: tzinfo) -> tuple[Segment, ...]:
    found = [Segment(first, _ahead(first, zone))]
    for start in range(first, end, IN_DAY):
        if _ahead(min(start + IN_DAY, end), zone) == found[-1].ahead:
            continue
        for slot in range(start, min(start + IN_DAY, end) + 1):
            ahead = _ahead(slot, zone)
            if ahead != found[-1].ahead:
                found.append(Segment(slot, ahead))
    return tuple(found)


def _ahead(slot: int, zone: tzinfo) -> int:
    offset = _at(slot, zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds() // SLOT_S)


def _at(slot: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(slot * SLOT_S, zone)
