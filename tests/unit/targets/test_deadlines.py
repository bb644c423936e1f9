"""By when, and whether in time: answered, asked again, waiting, finished."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.core.errors import Invalid
from webapp.targets.deadlines import (
    Aims,
    Course,
    answered_in_time,
    deadlines,
    resolved_in_time,
)
from webapp.targets.hours import Always
from webapp.targets.ical import holidays

CAME = datetime(2026, 11, 23, 8, tzinfo=UTC)
AIMS = Aims(first_response=60, next_response=120, resolution=24 * 60)
MIN = timedelta(minutes=1)


def of(**course: object) -> tuple[datetime | None, datetime | None]:
    found = deadlines(AIMS, Course(CAME, **course), Always())  # type: ignore[arg-type]
    return found.respond_by, found.resolve_by


def test_a_new_one_awaits_a_first_answer_and_its_end() -> None:
    assert of() == (CAME + 60 * MIN, CAME + 1440 * MIN)


def test_an_answered_one_awaits_its_end_alone() -> None:
    assert of(first_response_at=CAME + 5 * MIN) == (None, CAME + 1440 * MIN)


def test_who_asks_again_is_answered_within_the_next_target() -> None:
    asked = CAME + 300 * MIN
    assert of(first_response_at=CAME, asked_at=asked)[0] == asked + 120 * MIN


def test_nothing_is_awaited_of_us_while_we_wait() -> None:
    assert of(paused_since=CAME + 5 * MIN) == (None, None)


def test_time_spent_waiting_is_added() -> None:
    assert of(paused_s=600) == (CAME + 70 * MIN, CAME + 1450 * MIN)


def test_without_targets_there_are_no_deadlines() -> None:
    found = deadlines(Aims(), Course(CAME), Always())
    assert (found.respond_by, found.resolve_by) == (None, None)


@pytest.mark.parametrize(
    ("minutes", "paused", "met"), [(1440, 0, True), (1441, 0, False), (1441, 60, True)]
)
def test_resolved_in_time(minutes: int, paused: float, met: bool) -> None:
    done = Course(CAME, paused_since=CAME + minutes * MIN, paused_s=paused)
    assert resolved_in_time(AIMS, done, Always()) is met
    assert resolved_in_time(Aims(), done, Always()) is None


@pytest.mark.parametrize(("minutes", "met"), [(60, True), (61, False)])
def test_answered_in_time(minutes: int, met: bool) -> None:
    done = Course(CAME, first_response_at=CAME + minutes * MIN)
    assert answered_in_time(AIMS, done, Always()) is met
    assert answered_in_time(AIMS, Course(CAME), Always()) is None


ICS = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20261225\r
SUMMARY:Christmas\\, the\r
 first day\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20261230\r
DTEND;VALUE=DATE:20270102\r
SUMMARY:Turn of the year\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20261201T080000Z\r
SUMMARY:A meeting is no day off\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_days_off_are_read_from_a_calendar() -> None:
    assert holidays(ICS) == [
        (date(2026, 12, 25), "Christmas, thefirst day"),
        (date(2026, 12, 30), "Turn of the year"),
        (date(2026, 12, 31), "Turn of the year"),
        (date(2027, 1, 1), "Turn of the year"),
    ]


@pytest.mark.parametrize("text", ["", "hello", "<html>"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        holidays(text)
