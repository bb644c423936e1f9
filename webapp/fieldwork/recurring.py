"""On which days something comes round again. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
EVERY = (DAILY, WEEKLY, MONTHLY)


@dataclass(frozen=True)
class Rule:
    """`step`: every second week is 2. `weekdays`: of a weekly one, Monday is 0; none: that of `first_on`.

    A monthly one falls on the day of `first_on`, in a shorter month on its last.
    """

    every: str
    first_on: date
    step: int = 1
    weekdays: frozenset[int] = frozenset()
    last_on: date | None = None

    def falls_on(self, day: date) -> bool:
        if day < self.first_on or (self.last_on is not None and day > self.last_on):
            return False
        return {DAILY: self._daily, WEEKLY: self._weekly, MONTHLY: self._monthly}[self.every](day)

    def _daily(self, day: date) -> bool:
        return (day - self.first_on).days % self.step == 0

    def _weekly(self, day: date) -> bool:
        weeks = (_monday(day) - _monday(self.first_on)).days // 7
        return weeks % self.step == 0 and day.weekday() in (
            self.weekdays or {self.first_on.weekday()}
        )

    def _monthly(self, day: date) -> bool:
        months = (day.year - self.first_on.year) * 12 + day.month - self.first_on.month
        return months % self.step == 0 and day.day == min(
            self.first_on.day, monthrange(day.year, day.month)[1]
        )


def days_of(rule: Rule, *, first: date, last: date) -> Iterator[date]:
    """Those from `first` to `last`, both included, in order."""
    day = max(first, rule.first_on)
    end = last if rule.last_on is None else min(last, rule.last_on)
    while day <= end:
        if rule.falls_on(day):
            yield day
        day += timedelta(days=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
