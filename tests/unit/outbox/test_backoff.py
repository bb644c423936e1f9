"""When a delivery is tried again, and when no more."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import RemoteError
from webapp.outbox import backoff

MADE = st.integers(1, backoff.MOST_ATTEMPTS - 1)
SEEDS = st.integers(0, 2**32)


def error(**values: object) -> RemoteError:
    return RemoteError("no", **({"kind": "server", "retryable": True} | values))  # type: ignore[arg-type]


def test_the_schedule_takes_46_hours_and_20_minutes() -> None:
    assert backoff.MOST_ATTEMPTS == 10
    assert abs(sum(backoff.DELAYS_S) - (46 * 3600 + 21 * 60 + 10)) < 600


@given(MADE, SEEDS)
def test_the_wait_is_the_scheduled_one_within_a_fifth(made: int, seed: int) -> None:
    wait = backoff.wait_s(made, rng=random.Random(seed))
    assert backoff.DELAYS_S[made] * 0.8 <= wait <= backoff.DELAYS_S[made] * 1.2


@given(MADE, SEEDS, st.sampled_from(["timeout", "rate_limited"]))
def test_after_a_time_out_or_too_many_requests_it_waits_a_minute_at_least(
    made: int, seed: int, kind: str
) -> None:
    verdict = backoff.judge(error(kind=kind), attempts=made, rng=random.Random(seed))
    assert verdict.step == backoff.RETRY
    assert verdict.wait_s >= 60


@given(MADE, SEEDS, st.one_of(st.none(), st.floats(), st.integers(-(10**12), 10**12)))
def test_retry_after_wins_when_larger_and_never_beyond_six_hours(
    made: int, seed: int, asked: float | None
) -> None:
    plain = backoff.wait_s(made, rng=random.Random(seed))
    wait = backoff.wait_s(made, retry_after=asked, rng=random.Random(seed))
    assert wait >= plain
    if asked is not None and 0 <= asked <= 6 * 3600:
        assert wait == max(plain, asked)
    assert wait <= max(plain, 6 * 3600)


def test_waits_differ_so_that_not_all_come_back_at_once() -> None:
    rng = random.Random(1)
    assert len({backoff.wait_s(3, slow=True, rng=rng) for _ in range(20)}) == 20


@pytest.mark.parametrize("status", [408, 429])
def test_the_status_alone_says_slow(status: int) -> None:
    assert backoff.judge(error(http_status=status), attempts=1, rng=random.Random(1)).wait_s >= 60


@given(SEEDS)
def test_the_tenth_failure_is_the_last(seed: int) -> None:
    rng = random.Random(seed)
    assert backoff.judge(error(), attempts=9, rng=rng).step == backoff.RETRY
    assert backoff.judge(error(), attempts=10, rng=rng).step == backoff.PARK


@given(MADE)
def test_what_cannot_succeed_is_not_tried_again(made: int) -> None:
    assert (
        backoff.judge(error(retryable=False), attempts=made, rng=random.Random(1)).step
        == backoff.PARK
    )
