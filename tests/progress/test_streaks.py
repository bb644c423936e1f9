"""Streaks and milestones as pure rules: midnight, zones, clock changes, travel, grace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.progress import milestones, streaks
from webapp.progress.streaks import Active, Streak, streak_of

MANILA, ANGELES, BERLIN = (
    ZoneInfo(n) for n in ("Asia/Manila", "America/Los_Angeles", "Europe/Berlin")
)


def on(moment: datetime) -> Active:
    """One entry at this moment of its own zone."""
    offset = int(moment.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]
    at = moment.astimezone(UTC)
    return Active(moment.date(), at, offset, at, offset)


def day(number: int, hour: int = 12, zone: ZoneInfo = MANILA) -> Active:
    return on(datetime(2026, 3, number, hour, tzinfo=zone))


def test_a_streak_lives_through_a_day_that_is_not_over_and_ends_with_a_missed_one() -> None:
    three = [day(1), day(2), day(3)]
    assert streak_of(three, today=date(2026, 3, 3)) == Streak(3, 3)
    assert streak_of(three, today=date(2026, 3, 4)) == Streak(3, 3)
    assert streak_of(three, today=date(2026, 3, 5)) == Streak(0, 3)
    assert streak_of([*three, day(5)], today=date(2026, 3, 5)) == Streak(1, 3)
    assert streak_of([], today=date(2026, 3, 5)) == Streak(0, 0)


def test_grace_forgives_as_many_missed_days_in_a_row_and_no_more() -> None:
    gaps = [day(1), day(3), day(5)]
    assert streak_of(gaps, today=date(2026, 3, 6)) == Streak(1, 1)
    assert streak_of(gaps, today=date(2026, 3, 7), grace=1) == Streak(3, 3)
    assert streak_of([day(1), day(4)], today=date(2026, 3, 4), grace=1).current == 1


def test_a_minute_on_both_sides_of_midnight_is_two_days() -> None:
    late = on(datetime(2026, 3, 1, 23, 59, tzinfo=MANILA))
    early = on(datetime(2026, 3, 2, 0, 1, tzinfo=MANILA))
    assert streak_of([late, early], today=date(2026, 3, 2)).current == 2


def test_who_flies_east_over_the_date_line_has_missed_nothing() -> None:
    before = on(datetime(2026, 3, 2, 20, tzinfo=ANGELES))
    after = on(datetime(2026, 3, 4, 20, tzinfo=MANILA))  # the 3rd was never there to be used
    assert streak_of([before, after], today=date(2026, 3, 4)).current == 2
    stayed = on(datetime(2026, 3, 4, 20, tzinfo=ANGELES))
    assert streak_of([before, stayed], today=date(2026, 3, 4)).current == 1


def test_who_flew_and_then_waited_has() -> None:
    before = on(datetime(2026, 3, 2, 1, tzinfo=ANGELES))
    after = on(datetime(2026, 3, 4, 23, tzinfo=MANILA))
    assert streak_of([before, after], today=date(2026, 3, 4)).current == 1


_HOURS = st.integers(0, 23)


@settings(max_examples=60, deadline=None)
@given(
    start=st.dates(date(2025, 1, 1), date(2026, 12, 1)),
    hours=st.lists(_HOURS, min_size=1, max_size=40),
    zone=st.sampled_from([MANILA, ANGELES, BERLIN, ZoneInfo("Australia/Lord_Howe")]),
)
def test_an_entry_on_every_day_of_ones_calendar_never_breaks_also_where_clocks_change(
    start: date, hours: list[int], zone: ZoneInfo
) -> None:
    days = [
        on(datetime(*(start + timedelta(days=n)).timetuple()[:3], hour, tzinfo=zone))
        for n, hour in enumerate(hours)
    ]
    last = start + timedelta(days=len(hours) - 1)
    assert streak_of(days, today=last) == Streak(len(hours), len(hours))
    assert streak_of(reversed(days), today=last + timedelta(days=1)).current == len(hours)
    assert streak_of(days, today=last + timedelta(days=2)).current == 0


@settings(max_examples=60, deadline=None)
@example(steps=[(30, BERLIN)] * 24)  # over a change of the clocks
@given(
    st.lists(
        st.tuples(st.integers(4, 30), st.sampled_from([MANILA, ANGELES, BERLIN])),
        min_size=1,
        max_size=30,
    )
)
def test_who_travels_anyhow_and_does_something_each_waking_stretch_keeps_the_streak(
    steps: list[tuple[int, ZoneInfo]],
) -> None:
    """At most 30 hours between two entries, wherever each is made."""
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    found: dict[date, Active] = {}
    for hours, zone in steps:
        moment += timedelta(hours=hours)
        here = on(moment.astimezone(zone))
        known = found.get(here.day)
        found[here.day] = (
            Active(here.day, known.first_at, known.first_offset, here.last_at, here.last_offset)
            if known
            else here
        )
    ordered = sorted(found.values(), key=lambda each: each.day)
    moved = all(
        after.first_offset - before.last_offset >= streaks.TRAVELLED_MIN
        for before, after in pairwise(ordered)
        if (after.day - before.day).days > 1
    )
    if moved:  # who stayed where they were and left a date out has missed it
        assert streak_of(ordered, today=ordered[-1].day).current == len(ordered)


def test_stretches_take_what_lies_in_them() -> None:
    starts = streaks.weeks_back(date(2026, 3, 11), 2)  # a Wednesday
    assert starts == [date(2026, 3, 2), date(2026, 3, 9)]
    days = [(date(2026, 3, 1), 9.0, 1), (date(2026, 3, 8), 1.5, 1), (date(2026, 3, 9), 2.0, 2)]
    assert streaks.series(days, starts=starts) == [(starts[0], 1.5, 1), (starts[1], 2.0, 2)]
    assert streaks.months_back(date(2026, 2, 3), 3) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


def test_milestones_follow_the_rules() -> None:
    rules = milestones.Rules(streak_marks=(7, 3), hour_marks=(10, 100))
    found = milestones.reached(rules, logs=1, streak=7, minutes=600)
    assert found == ["first_log", "streak-3", "streak-7", "hours-10"]
    assert (
        milestones.reached(milestones.Rules(first_log=False), logs=1, streak=6, minutes=599) == []
    )
