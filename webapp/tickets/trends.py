"""What comes in more often than it used to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

WEEK = timedelta(days=7)
WEEKS_BEFORE = 4
FEWEST = 3  # fewer in a week are chance
GROWTH = 1.5  # this week against the mean of those before
MOST_SHOWN = 8


@dataclass(frozen=True)
class Trend:
    """`name`: a category or a place. `this_week` against `before`, the sum of the four weeks before."""

    name: str
    this_week: int
    before: int

    @property
    def mean_before(self) -> float:
        return self.before / WEEKS_BEFORE

    @property
    def times(self) -> float | None:
        """How many times as many as before; None where there were none."""
        return self.this_week / self.mean_before if self.before else None

    @property
    def is_rising(self) -> bool:
        return self.this_week >= FEWEST and self.this_week >= GROWTH * self.mean_before

    @property
    def surprise(self) -> float:
        """How far from what was to be expected, so that 30 for 15 stands above 3 for 1."""
        return (self.this_week - self.mean_before) / (self.mean_before + 1) ** 0.5


def rising(trends: Iterable[Trend]) -> list[Trend]:
    """Those that rise, the most surprising first."""
    found = sorted((t for t in trends if t.is_rising), key=lambda t: (-t.surprise, t.name))
    return found[:MOST_SHOWN]
