"""Open hours: several blocks a day, weekends, holidays, the clock put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import Invalid
from webapp.targets.hours import DAYS, Hours, read_week, write_day

MANILA = ZoneInfo("Asia/Manila")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = read_week(dict.fromkeys(DAYS[:5], "08:00-12:00, 13:00-17:00"))
HOUR = 3600


def manila(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MANILA)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (manila(23, 9), 2, manila(23, 11)),  # within a block
        (manila(23, 11), 2, manila(23, 14)),  # over the break
        (manila(23, 16), 2, manila(24, 9)),  # over the night
        (manila(27, 16), 2, manila(30, 9)),  # Friday evening to Monday
        (manila(28, 10), 1, manila(30, 9)),  # begun on a Saturday
        (manila(23, 12, 30), 1, manila(23, 14)),  # begun in the break
        (manila(23, 8), 8, manila(23, 17)),  # to the very end of the day
    ],
)
def test_only_open_time_counts(start: datetime, hours: float, end: datetime) -> None:
    office = Hours(MANILA, OFFICE)
    assert office.after(start, hours * HOUR) == end
    assert office.between(start, end) == hours * HOUR


def test_a_holiday_has_no_hours() -> None:
    office = Hours(MANILA, OFFICE, frozenset({date(2026, 11, 30)}))
    assert office.after(manila(27, 16), 2 * HOUR) == datetime(2026, 12, 1, 9, tzinfo=MANILA)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_when_the_clock_is_changed_an_open_hour_still_is_an_hour(day: date) -> None:
    always = Hours(BERLIN, read_week(dict.fromkeys(DAYS, "00:00-24:00")))
    start = datetime.combine(day, datetime.min.time(), tzinfo=BERLIN)
    assert always.after(start, 6 * HOUR) == start.astimezone(UTC) + timedelta(hours=6)


BLOCKS = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(
    lambda cuts: [
        (a * 15, b * 15) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)
    ]
)


@given(
    week=st.lists(BLOCKS, min_size=7, max_size=7),
    start=st.integers(0, 525_600),
    minutes=st.integers(0, 6000),
)
def test_what_passes_until_then_is_what_was_asked_for(
    week: list[list[tuple[int, int]]], start: int, minutes: int
) -> None:
    hours = Hours(BERLIN, tuple(map(tuple, week)))
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    assert hours.between(begun, hours.after(begun, minutes * 60)) == minutes * 60


def test_days_are_written_as_they_are_read() -> None:
    assert [write_day(day) for day in OFFICE[4:6]] == ["08:00-12:00, 13:00-17:00", ""]
    assert read_week({"mon": "8-12,13:30–24:00"})[0] == ((480, 720), (810, 1440))


@pytest.mark.parametrize(
    "text", ["8", "17-8", "08:00-12:00, 11:00-13:00", "08:00-25:00", "a-b", "8:75-9"]
)
def test_hours_that_make_no_sense_are_named_by_their_day(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_week({"tue": text})
    assert set(caught.value.fields) == {"tue"}


def test_a_desk_that_is_never_open_is_refused() -> None:
    with pytest.raises(Invalid):
        read_week({})
