"""When a road is left alone, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.breaker import (
    IN_A_ROW,
    LONGEST,
    REMEMBERED,
    Breaker,
    counts,
    failed,
    is_open,
    patience,
    probing,
    rest,
    succeeded,
    wants_probe,
)
from webapp.core.errors import Invalid, RemoteError

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tripped() -> Breaker:
    breaker = Breaker()
    for _ in range(IN_A_ROW):
        breaker = failed(breaker, NOON)
    return breaker


def test_four_failures_leave_it_closed_and_the_fifth_opens_it_for_a_minute() -> None:
    breaker = Breaker()
    for _ in range(IN_A_ROW - 1):
        breaker = failed(breaker, NOON)
    assert breaker.open_until is None

    breaker = failed(breaker, NOON)

    assert breaker.open_until == NOON + MINUTE
    assert is_open(breaker, NOON + MINUTE - timedelta(seconds=1))
    assert not is_open(breaker, NOON + MINUTE)


def test_a_success_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(IN_A_ROW - 1):
            breaker = failed(breaker, NOON)
        breaker = succeeded(breaker)
        if breaker.recent.count("-") >= 8:
            break
    assert breaker.open_until is None


def test_half_of_the_last_twenty_open_it_though_never_five_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(REMEMBERED // 2 - 1):
        breaker = failed(succeeded(breaker), NOON)
    assert breaker.open_until is None

    breaker = failed(succeeded(breaker), NOON)

    assert breaker.open_until == NOON + MINUTE


def test_after_the_rest_one_probe_is_let_through_and_the_others_wait() -> None:
    breaker, later = tripped(), NOON + MINUTE
    assert wants_probe(breaker, later)

    breaker = probing(breaker, later)

    assert is_open(breaker, later + MINUTE)
    assert not wants_probe(breaker, later + MINUTE)


def test_a_probe_that_nobody_came_back_from_is_followed_by_another() -> None:
    breaker = probing(tripped(), NOON + MINUTE)
    assert wants_probe(breaker, NOON + MINUTE + timedelta(seconds=90))


def test_a_failed_probe_doubles_the_rest_up_to_half_an_hour() -> None:
    breaker, now, rests = tripped(), NOON, []
    for _ in range(7):
        assert breaker.open_until is not None
        now = breaker.open_until
        breaker = failed(probing(breaker, now), now)
        assert breaker.open_until is not None
        rests.append((breaker.open_until - now) // MINUTE)
    assert rests == [2, 4, 8, 16, 30, 30, 30]


def test_a_good_probe_closes_it_and_one_failure_later_does_not_open_it() -> None:
    now = NOON + MINUTE
    breaker = succeeded(probing(tripped(), now))
    assert breaker == Breaker(recent="+")
    assert failed(breaker, now).open_until is None


def test_what_was_under_way_when_it_opened_makes_it_no_worse() -> None:
    breaker = tripped()
    for _ in range(3):
        breaker = failed(breaker, NOON + timedelta(seconds=20))
    assert (breaker.trips, breaker.open_until) == (1, NOON + MINUTE)


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("network", None, True),
        ("dns", None, True),
        ("tls", None, True),
        ("timeout", None, True),
        ("server", 503, True),
        ("server", None, True),
        ("server", 450, False),  # a mail server that does not want this recipient yet
        ("rate_limited", 429, False),
        ("not_found", 404, False),
        ("unauthorized", 401, False),
    ],
)
def test_only_the_road_and_the_machine_at_its_end_count(
    kind: str, status: int | None, expected: bool
) -> None:
    assert counts(RemoteError("no", kind=kind, http_status=status)) is expected


def test_our_own_refusals_do_not_count() -> None:
    assert not counts(Invalid("no"))


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, ""), (59, ""), (60, "warn"), (119, "warn"), (120, "pause")]
)
def test_patience_ends_in_two_steps(hours: int, expected: str) -> None:
    assert patience(NOON, NOON + timedelta(hours=hours)) == expected


def test_nothing_wrong_asks_for_no_patience() -> None:
    assert patience(None, NOON) == ""


STEPS = st.lists(
    st.tuples(st.sampled_from(["good", "bad", "probe"]), st.integers(0, 4_000)), max_size=80
)


@given(STEPS)
def test_whatever_happens_its_promises_hold(steps: list[tuple[str, int]]) -> None:
    breaker, now, bad_since_good = Breaker(), NOON, 0
    for step, seconds in steps:
        now += timedelta(seconds=seconds)
        if step == "probe":
            if wants_probe(breaker, now):
                breaker = probing(breaker, now)
                assert is_open(breaker, now)
        elif step == "bad":
            before = breaker
            breaker, bad_since_good = failed(breaker, now), bad_since_good + 1
            assert breaker.failing_since is not None
            assert breaker.failing_since <= now
            assert breaker.trips - before.trips in (0, 1)
        else:
            breaker, bad_since_good = succeeded(breaker), 0
            assert (breaker.open_until, breaker.trips, breaker.failing_since) == (None, 0, None)
        assert len(breaker.recent) <= REMEMBERED
        assert (breaker.open_until is None) == (breaker.trips == 0)
        if breaker.open_until is not None:
            assert breaker.open_until - now <= max(LONGEST, timedelta(seconds=90))
        if bad_since_good >= IN_A_ROW:
            assert breaker.open_until is not None


@given(st.integers(1, 10_000))
def test_a_rest_is_never_shorter_than_the_one_before(trips: int) -> None:
    assert MINUTE <= rest(trips) <= rest(trips + 1) <= LONGEST
