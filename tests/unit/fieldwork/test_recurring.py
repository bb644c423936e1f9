"""On which days something comes round."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.fieldwork.parts import part_of
from webapp.fieldwork.recurring import EVERY, Rule, days_of

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
rules = st.builds(
    Rule,
    every=st.sampled_from(EVERY),
    first_on=days,
    step=st.integers(1, 5),
    weekdays=st.frozensets(st.integers(0, 6)),
    last_on=st.none() | days,
)


@given(rules, days, st.integers(0, 400))
def test_days_stand_once_in_order_and_within_their_bounds(rule: Rule, first: date, n: int) -> None:
    last = first + timedelta(days=n)
    found = list(days_of(rule, first=first, last=last))

    assert found == sorted(set(found))
    assert all(max(first, rule.first_on) <= day <= last for day in found)
    assert all(rule.last_on is None or day <= rule.last_on for day in found)
    half = first + timedelta(days=n // 2)
    again = [*days_of(rule, first=first, last=half)]
    again += days_of(rule, first=half + timedelta(days=1), last=last)
    assert again == found


def test_a_monthly_one_of_the_31st_falls_on_the_last_of_a_shorter_month() -> None:
    rule = Rule("monthly", date(2026, 1, 31))
    found = list(days_of(rule, first=date(2026, 1, 1), last=date(2026, 4, 30)))
    assert [day.isoformat() for day in found] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


def test_every_second_week_on_two_days_begins_in_the_week_of_the_first() -> None:
    rule = Rule("weekly", date(2026, 3, 4), step=2, weekdays=frozenset({0, 4}))  # a Wednesday
    found = list(days_of(rule, first=date(2026, 3, 1), last=date(2026, 3, 31)))
    assert [day.day for day in found] == [6, 16, 20, 30]


def test_a_part_may_begin_with_how_many() -> None:
    assert part_of("2 × lamp") == (2, "lamp")
    assert part_of("3x fuse 10 A") == (3, "fuse 10 A")
    assert part_of("12 screws") == (12, "screws")
    assert part_of(" cable ") == (1, "cable")
    assert part_of("0 nothing") == (1, "0 nothing")
