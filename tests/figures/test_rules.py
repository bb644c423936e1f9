"""Slots, days of a zone, percentiles: known numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.core import charts
from webapp.sync.statistics.rules import Totals, column_of, percentile, slot_of, span_of, two_digits

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exact", "kept"),
    [
        (0, 0),
        (0.4, 0),
        (7, 7),
        (99, 99),
        (104, 100),
        (105.1, 110),
        (1249, 1200),
        (1251, 1300),
        (987654, 990000),
    ],
)
def test_a_length_keeps_two_digits(exact: float, kept: int) -> None:
    assert two_digits(exact) == kept


@pytest.mark.parametrize(("share", "seconds"), [(0.5, 2.0), (0.9, 9.0), (1.0, 60.0)])
def test_a_percentile_is_the_nearest_rank(share: float, seconds: float) -> None:
    took = {1000: 4, 2000: 4, 9000: 1, 60000: 1}
    assert percentile(took, share) == seconds


def test_no_run_has_no_percentile_and_no_rate() -> None:
    empty = Totals()
    assert (empty.median, empty.success, empty.error_rate, empty.problem_rate) == (None,) * 4


def test_what_somebody_stopped_counts_for_no_rate() -> None:
    each = Totals({"ok": 7, "partial": 1, "failed": 2, "cancelled": 90})
    assert (each.finished, each.success, each.error_rate) == (10, 0.8, 0.2)


@pytest.mark.parametrize(
    "zone", ["Asia/Manila", "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"]
)
def test_a_day_begins_at_midnight_of_the_zone(zone: str) -> None:
    place = ZoneInfo(zone)
    span = span_of("7d", now=NOON, zone=place)
    midnight = NOON.astimezone(place).replace(hour=0, minute=0)
    assert [start.isoformat() for start in span.starts][-1] == midnight.isoformat()
    assert column_of(span, slot_of(midnight)) == 6
    assert column_of(span, slot_of(midnight) - 1) == 5
    assert column_of(span, span.first) == 0
    assert column_of(span, span.end - 1) == 6


@pytest.mark.parametrize(
    ("zone", "day", "slots"),
    [
        ("Europe/Paris", date(2026, 3, 29), 92),
        ("Europe/Paris", date(2026, 10, 25), 100),
        ("America/New_York", date(2026, 3, 8), 92),
        ("Australia/Lord_Howe", date(2026, 4, 5), 98),
        ("Africa/Cairo", date(2026, 4, 24), 92),  # its midnight does not exist
        ("Asia/Manila", date(2026, 3, 29), 96),
    ],
)
def test_a_day_in_which_the_clocks_move_has_its_own_length(
    zone: str, day: date, slots: int
) -> None:
    place = ZoneInfo(zone)
    now = datetime.combine(day + timedelta(days=3), time(12), place)
    span = span_of("30d", now=now, zone=place)
    number = [start.date() for start in span.starts].index(day)
    mine = [slot for slot in range(span.first, span.end) if column_of(span, slot) == number]
    assert len(mine) == slots
    assert mine == list(range(mine[0], mine[0] + slots))
    for slot in (mine[0], mine[-1]):
        assert datetime.fromtimestamp(slot * 900, place).date() == day


def test_hours_pass_evenly_when_the_clocks_go_back() -> None:
    place = ZoneInfo("Europe/Paris")
    now = datetime(2026, 10, 25, 11, 20, tzinfo=UTC)
    span = span_of("24h", now=now, zone=place)
    assert len(span.starts) == 24
    assert (span.end - span.first) == 96
    assert {column_of(span, slot) for slot in range(span.first, span.end)} == set(range(24))
    assert column_of(span, slot_of(now)) == 23
    assert [start.hour for start in span.starts].count(2) == 2


def test_hours_begin_with_the_hour_of_the_zone() -> None:
    span = span_of("24h", now=NOON + timedelta(minutes=20), zone=ZoneInfo("Asia/Kathmandu"))
    assert {start.minute for start in span.starts} == {0}


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (0.4, 1), (2.2, 3), (4.5, 5), (11, 20), (26, 30), (96, 100), (1204, 2000)],
)
def test_an_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert charts.axis(highest).top == top


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (10, 10), (25, 30), (216, 300)]
)
def test_an_axis_of_things_has_no_half_thing_on_it(most: int, top: int) -> None:
    found = charts.axis(most, whole=True)
    assert found.ticks == (top, top // 2, 0)


def test_a_line_breaks_where_there_is_nothing_and_shows_a_lone_value() -> None:
    assert charts.line([1, 1, None, 0.5], 1) == "M12.5 0.0 L37.5 0.0 M80.0 50.0 L95.0 50.0"


def test_columns_stack_from_the_bottom() -> None:
    (column,) = charts.stacked([[("green", 30), ("blue", 0), ("red", 20)]], 100)
    assert [(p.colour, p.y, p.height) for p in column.pieces] == [
        ("green", 70.0, 30.0),
        ("red", 50.0, 20.0),
    ]
