"""Open hours: how much of them lies between two moments, and when so much has gone by. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from webapp.core.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST = 366 * 3  # days that are looked ahead

Block = tuple[int, int]  # minutes of the day, from and until; 1440 is the next midnight


@dataclass(frozen=True)
class Hours:
    """When a desk works: blocks for each day of the week, in its own zone, and the days on which it does not."""

    zone: tzinfo
    week: tuple[tuple[Block, ...], ...]  # Monday first
    holidays: frozenset[date] = frozenset()

    def after(self, start: datetime, seconds: float) -> datetime:
        """The moment by which `seconds` of open time have passed since `start`. Raises Invalid where there is none."""
        left = timedelta(seconds=seconds)
        for begin, end in self._blocks(start):
            since = max(begin, start)
            if since + left <= end:
                return since + left
            left -= end - since
        raise Invalid("These hours are too few: the time never comes.")

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of open time from `start` to `end`; 0 where `end` is not later."""
        total = timedelta(0)
        for begins, ends in self._blocks(start):
            if begins >= end:
                break
            total += max(min(ends, end) - max(begins, start), timedelta(0))
        return total.total_seconds()

    def _blocks(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """In UTC, from the one that `start` lies in, or the next, on."""
        first = start.astimezone(self.zone).date() - timedelta(days=1)
        for number in range(FARTHEST):
            day = first + timedelta(days=number)
            if day in self.holidays:
                continue
            for begin, end in self.week[day.weekday()]:
                begins, ends = self._moment(day, begin), self._moment(day, end)
                if ends > start:
                    yield begins, ends

    def _moment(self, day: date, minute: int) -> datetime:
        days, minute = divmod(minute, 1440)
        clock = time(minute // 60, minute % 60)
        local = datetime.combine(day + timedelta(days=days), clock, tzinfo=self.zone)
        return local.astimezone(UTC)


class Always:
    """Round the clock."""

    def after(self, start: datetime, seconds: float) -> datetime:
        return start + timedelta(seconds=seconds)

    def between(self, start: datetime, end: datetime) -> float:
        return max((end - start).total_seconds(), 0.0)


def read_week(texts: Mapping[str, str]) -> tuple[tuple[Block, ...], ...]:
    """`texts`: day → “08:00-12:00, 13:00-17:00”, empty for a closed one. Raises Invalid with the day as field."""
    week: list[tuple[Block, ...]] = []
    wrong: dict[str, str] = {}
    for day in DAYS:
        try:
            week.append(_read_day(texts.get(day, "")))
        except ValueError:
            wrong[day] = "Write hours such as 08:00-12:00, 13:00-17:00, one after the other."
    if wrong:
        raise Invalid("Some hours cannot be read.", fields=wrong)
    if not any(week):
        raise Invalid("At least one day needs hours.", fields={DAYS[0]: "No day has hours."})
    return tuple(week)


def write_day(blocks: Sequence[Block]) -> str:
    return ", ".join(f"{_written(begin)}-{_written(end)}" for begin, end in blocks)


def _read_day(text: str) -> tuple[Block, ...]:
    blocks = []
    last = 0
    for part in filter(None, (part.strip() for part in text.replace("–", "-").split(","))):
        begin, _, end = part.partition("-")
        block = (_minute(begin), _minute(end))
        if not last <= block[0] < block[1]:
            raise ValueError(part)
        last = block[1]
        blocks.append(block)
    return tuple(blocks)


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if not (hour.isdigit() and (minute.isdigit() or not minute)):
        raise ValueError(text)
    found = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or found > 1440:
        raise ValueError(text)
    return found


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
