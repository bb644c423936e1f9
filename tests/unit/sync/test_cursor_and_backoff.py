"""The place in a pull, and the time of the next one."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.sync.backoff import next_pull
from webapp.sync.pull.cursor import LIST, Cursor

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.integers(0, 220_000_000).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(since=st.none() | moments, until=moments, newest=st.none() | moments, rows=st.integers(0, 9))
def test_a_cursor_survives_its_way_through_json(since, until, newest, rows):
    cursor = Cursor(since=since, until=until, newest=newest, rows=rows, position={"at": {"c": "x"}})

    assert Cursor.from_json(json.loads(json.dumps(cursor.to_json()))) == cursor


@given(present=st.none() | moments, until=moments, newest=st.none() | moments)
def test_the_watermark_goes_forward_only_and_not_beyond_the_window(present, until, newest):
    found = Cursor(since=None, until=until, newest=newest).watermark(present)

    if found is None:
        assert present is None
        assert newest is None
    else:
        assert present is None or found >= present
        assert found == present or (found <= until and found <= newest)


def test_a_restart_begins_the_list_again_and_counts():
    cursor = Cursor(since=None, until=NOON, phase=LIST, position={"page": 4}).restarted()

    assert (cursor.phase, cursor.position, cursor.restarts) == (LIST, None, 1)


def test_an_empty_save_is_no_place():
    assert Cursor.from_json({}) is None
    assert Cursor.from_json(None) is None


@given(failures=st.integers(0, 50), dice=st.floats(0, 1), minutes=st.sampled_from([1, 5, 60]))
def test_the_next_pull_is_never_sooner_than_most_of_the_interval_nor_later_than_an_hour_and_a_bit(
    failures, dice, minutes
):
    interval = timedelta(minutes=minutes)

    pause = next_pull(NOON, interval=interval, failures=failures, dice=lambda: dice) - NOON

    assert interval * 0.8 <= pause <= timedelta(hours=1) * 1.2
    if not failures:
        assert pause == interval


def test_what_the_upstream_asks_for_wins_where_it_is_longer():
    interval = timedelta(minutes=5)

    def pause(wait):
        at = next_pull(NOON, interval=interval, failures=1, dice=lambda: 0.5, wait=wait)
        return (at - NOON).total_seconds()

    assert pause(3600.0) == 3600
    assert pause(1.0) == 300
