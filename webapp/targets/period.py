"""The days that a report is about, in a person's zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

DAYS = (7, 30, 90, 365)
MOST_DAYS = 366 * 3
BY_WEEK_FROM = 62  # days; longer periods are drawn week by week
GROUPS = ("category", "barangay", "team", "agent", "source", "priority")


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        return self._midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def steps(self) -> list[tuple[date, datetime, datetime]]:
        """(first day, begin, end) of each column of a chart: days, or weeks."""
        size = 7 if self.days > BY_WEEK_FROM else 1
        found, day = [], self.first
        while day <= self.last:
            following = min(day + timedelta(days=size), self.last + timedelta(days=1))
            found.append((day, self._midnight(day), self._midnight(following)))
            day = following
        return found

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Wanted:
    """What a report's address says."""

    days: int = 30
    first: date | None = None
    last: date | None = None
    group: str = "category"

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> Wanted:
        """What makes no sense there is left out."""
        days, group = str(args.get("days", "")), str(args.get("group", ""))
        first, last = _day(args.get("from")), _day(args.get("to"))
        if first and last and (last < first or (last - first).days >= MOST_DAYS):
            first = last = None
        return cls(
            days=int(days) if days.isdecimal() and int(days) in DAYS else 30,
            first=first if last else None,
            last=last if first else None,
            group=group if group in GROUPS else "category",
        )

    def period(self, today: date, zone: tzinfo) -> Period:
        if self.first and self.last:
            return Period(self.first, self.last, zone)
        return Period(today - timedelta(days=self.days - 1), today, zone)

    def as_args(self, **changed: Any) -> dict[str, Any]:
        values: dict[str, Any] = {"days": self.days, "group": self.group}
        if self.first and self.last:
            values |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
            del values["days"]
        return {name: value for name, value in {**values, **changed}.items() if value}


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None
