"""The claim loop: order in lanes, retries, holds, kills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from time_machine import Traveller

import worker
from tests.outbox.ways import FakeWay, again, put, states
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.core.errors import Misconfigured, RemoteError
from webapp.events.models import Event
from webapp.outbox import deliver, lanes
from webapp.outbox.channels import Answer, Hold, Settled


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing after it runs."""


def failure(**values: object) -> RemoteError:
    return RemoteError("It said no.", **({"kind": "server", "retryable": True} | values))  # type: ignore[arg-type]


def test_it_sends_a_lane_in_order_and_keeps_the_books(way: FakeWay, travel: Traveller) -> None:
    first, second = put("one"), put("two")
    assert deliver.drain("far") is False
    assert way.sent == ["one", "two"]
    assert states(first, second) == ["sent", "sent"]
    assert way.outcomes == [("one", "sent", "Answer"), ("two", "sent", "Answer")]
    first = again(first)
    assert first.settled_at == clock.now()
    [attempt] = first.attempts
    assert (attempt.n, attempt.outcome, attempt.status, attempt.answer) == (
        1,
        "sent",
        200,
        "thanks",
    )
    assert attempt.request == {"word": "one"}
    assert first.lease_token is None


def test_no_transaction_is_open_during_the_call(way: FakeWay) -> None:
    put("one")
    deliver.drain("far")
    assert way.in_transaction == [False]


def test_the_attempt_is_committed_before_the_call(way: FakeWay) -> None:
    delivery = put("one")
    seen: list[tuple[str, int]] = []
    way.before_send = lambda word: seen.append(
        (again(delivery).state, len(again(delivery).attempts))
    )
    deliver.drain("far")
    assert seen == [("sending", 1)]


def test_a_failure_is_retried_on_schedule_and_its_lane_waits_for_it(
    way: FakeWay, travel: Traveller
) -> None:
    first, second = put("one"), put("two")
    other = put("three", lane="b")
    way.script = [failure()]
    deliver.drain("far")
    assert states(first, second, other) == ["retrying", "pending", "sent"]
    assert again(first).reason == "It said no."
    assert timedelta(seconds=8) <= again(first).not_before - clock.now() <= timedelta(seconds=12)
    deliver.drain("far")
    assert way.sent == ["three"]
    travel.shift(timedelta(seconds=13))
    deliver.drain("far")
    assert way.sent == ["three", "one", "two"]


def test_retry_after_is_obeyed(way: FakeWay, travel: Traveller) -> None:
    delivery = put("one")
    way.script = [failure(kind="rate_limited", http_status=429, retry_after=1800)]
    deliver.drain("far")
    assert again(delivery).not_before - clock.now() == timedelta(seconds=1800)
    assert again(delivery).attempts[0].status == 429


def test_after_ten_attempts_it_is_parked_and_said(way: FakeWay, travel: Traveller) -> None:
    delivery, behind = put("one"), put("two")
    other = put("three", lane="b")
    way.script = [failure(), Answer()] + [failure()] * 9
    for _ in range(10):
        deliver.drain("far")
        travel.shift(timedelta(hours=30))
    deliver.drain("far")
    assert states(delivery, behind, other) == ["parked", "pending", "sent"]
    assert [attempt.n for attempt in again(delivery).attempts] == list(range(1, 11))
    assert way.outcomes[-1] == ("one", "parked", "RemoteError")
    parked = session().scalars(select(Event).where(Event.type == "delivery.parked")).all()
    assert [event.subject_id for event in parked] == [delivery.id]
    assert lanes.targets_due() == []


def test_what_cannot_succeed_is_parked_at_once_and_blocks_its_lane_only(way: FakeWay) -> None:
    refused, behind = put("one"), put("two")
    other = put("three", lane="b")
    way.script = [failure(retryable=False, http_status=422, body=b"status: unknown")]
    deliver.drain("far")
    assert states(refused, behind, other) == ["parked", "pending", "sent"]
    assert again(refused).attempts[0].answer == "status: unknown"


@pytest.mark.parametrize("how", ["prepare", "send"])
def test_a_hold_keeps_the_whole_target_and_burns_no_attempt(
    way: FakeWay, travel: Traveller, how: str
) -> None:
    waiting = [put("one"), put("two", lane="b"), put("three", lane="c")]
    elsewhere = put("four", target="near")
    hold = Hold("The token was refused.", until=clock.now() + timedelta(hours=1))
    if how == "prepare":
        way.hold = hold
    else:
        way.script = [hold]
    deliver.drain("far")
    way.hold = None
    assert states(*waiting) == ["held"] * 3
    assert [again(d).reason for d in waiting] == ["The token was refused."] * 3
    assert [again(d).attempt_count for d in waiting] == [0, 0, 0]
    deliver.drain("near")
    assert states(elsewhere) == ["sent"]
    deliver.drain("far")
    assert way.sent == ["four"]
    travel.shift(timedelta(hours=1, seconds=1))
    deliver.drain("far")
    assert way.sent == ["four", "one", "two", "three"]


def test_a_hold_of_one_lane_leaves_the_others_alone(way: FakeWay, travel: Traveller) -> None:
    held = put("one")
    way.script = [Hold("not linked yet", whole_target=False)]
    other = put("two", lane="b")
    deliver.drain("far")
    assert states(held, other) == ["held", "sent"]


def test_when_the_hold_ends_nobody_says_held_any_more(way: FakeWay, travel: Traveller) -> None:
    first, behind = put("one"), put("two")
    way.hold = Hold("paused")
    deliver.drain("far")
    assert states(first, behind) == ["held", "held"]
    way.hold = None
    travel.shift(timedelta(seconds=61))
    way.script = [failure()]
    deliver.drain("far")
    assert states(first, behind) == ["retrying", "pending"]
    assert again(behind).reason == ""


def test_an_unknown_channel_holds_and_drops_nothing(way: FakeWay) -> None:
    delivery = put("one", channel="pigeon")
    deliver.drain("far")
    assert states(delivery) == ["held"]
    assert "pigeon" in again(delivery).reason


def test_a_missing_setting_holds_the_target(way: FakeWay) -> None:
    way.hold = Misconfigured("TULAY_SECRET_KEYS is wrong.")
    delivery = put("one")
    deliver.drain("far")
    assert states(delivery) == ["held"]
    assert again(delivery).reason == "TULAY_SECRET_KEYS is wrong."


def test_nothing_to_do_is_settled_without_an_attempt(way: FakeWay) -> None:
    delivery, behind = put("one"), put("two")
    way.settled = Settled("They already agree.")
    deliver.drain("far")
    assert states(delivery, behind) == ["sent", "sent"]
    assert again(delivery).attempts == []
    assert again(delivery).reason == "They already agree."
    assert way.outcomes[0] == ("one", "sent", "Settled")


def test_a_broken_delivery_is_parked_and_the_others_go_on(way: FakeWay) -> None:
    with transaction():
        broken = put("one")
        broken.payload = {}
    other = put("two", lane="b")
    way_settle, way.settle = way.settle, lambda delivery, outcome: None  # type: ignore[method-assign]
    deliver.drain("far")
    way.settle = way_settle  # type: ignore[method-assign]
    assert states(broken, other) == ["parked", "sent"]
    assert "KeyError" in again(broken).reason


def test_an_error_of_our_own_while_sending_is_retried_and_names_no_content(way: FakeWay) -> None:
    delivery = put("one")
    way.script = [ValueError("rosa@example.org is odd")]
    deliver.drain("far")
    assert states(delivery) == ["retrying"]
    assert "ValueError" in again(delivery).reason
    assert "rosa" not in again(delivery).reason


def test_a_kill_between_attempt_and_answer_leaves_one_interrupted_attempt_and_is_retried_in_order(
    way: FakeWay, travel: Traveller
) -> None:
    delivery, behind = put("one"), put("two")
    way.before_send = _killer()
    with pytest.raises(Killed):
        deliver.drain("far")
    assert states(delivery, behind) == ["sending", "pending"]
    deliver.drain("far")
    assert way.sent == []  # the lease holds: a worker may still be at it
    assert lanes.targets_due() == []
    travel.shift(timedelta(seconds=91))
    assert lanes.targets_due() == ["far"]
    deliver.drain("far")
    assert way.sent == ["one", "two"]
    outcomes = [(a.outcome, a.ambiguous) for a in again(delivery).attempts]
    assert outcomes == [("interrupted", True), ("sent", False)]
    assert way.unsure == [("one", False), ("one", True), ("two", False)]
    assert again(delivery).attempt_count == 2


def test_a_tenth_attempt_that_is_interrupted_is_the_last(way: FakeWay, travel: Traveller) -> None:
    delivery = put("one")
    for _ in range(10):
        way.before_send = _killer()
        with pytest.raises(Killed):
            deliver.drain("far")
        travel.shift(timedelta(seconds=91))
    deliver.drain("far")
    assert states(delivery) == ["parked"]
    assert [a.outcome for a in again(delivery).attempts] == ["interrupted"] * 10


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(
    way: FakeWay, travel: Traveller
) -> None:
    delivery = put("one")

    def be_late(word: str) -> None:
        way.before_send = lambda word: None
        travel.shift(timedelta(seconds=91))
        deliver.drain("far")  # another worker takes over and succeeds

    way.before_send = be_late
    deliver.drain("far")
    delivery = again(delivery)
    assert way.sent == ["one", "one"]
    assert delivery.state == "sent"
    assert [a.outcome for a in delivery.attempts] == ["interrupted", "sent"]
    assert [outcome for outcome in way.outcomes if outcome[1] == "sent"] == [
        ("one", "sent", "Answer")
    ]


def test_a_server_error_makes_the_next_attempt_unsure(way: FakeWay, travel: Traveller) -> None:
    put("one")
    way.script = [failure(ambiguous=True)]
    deliver.drain("far")
    travel.shift(timedelta(minutes=1))
    deliver.drain("far")
    assert way.unsure == [("one", False), ("one", True)]


def test_a_dead_road_is_not_walked_by_every_lane(way: FakeWay, travel: Traveller) -> None:
    waiting = [put(str(n), lane=str(n)) for n in range(8)]
    way.script = [failure(kind="network")] * 8
    deliver.drain("far")
    assert [again(d).attempt_count for d in waiting] == [1] * 5 + [0] * 3
    assert "no getting through" in again(waiting[7]).reason
    way.script = []
    travel.shift(timedelta(minutes=2))
    deliver.drain("far")
    assert states(*waiting) == ["sent"] * 8


def test_it_stops_at_its_budget_and_says_that_there_is_more(
    way: FakeWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "MOST_AT_A_TIME", 2)
    for n in range(3):
        put(str(n))
    assert deliver.drain("far") is True
    assert deliver.drain("far") is False
    assert way.sent == ["0", "1", "2"]


def test_a_target_takes_half_of_the_processes_at_most(way: FakeWay) -> None:
    for n in range(6):
        put(str(n), lane=str(n))
    depth: list[int] = []

    def nest(word: str) -> None:
        depth.append(lanes.sending_now("far", clock.now()))
        deliver.drain("far")

    way.before_send = nest
    deliver.drain("far")
    (most,) = (lane.most for lane in worker.LAYOUT if "deliver" in lane.queues)
    assert max(depth) == most / 2
    assert sorted(way.sent) == ["0", "1", "2", "3", "4", "5"]


def _killer() -> Callable[[str], None]:
    """Kills the first worker that sends, and no other."""
    deaths = iter([Killed()])

    def kill(word: str) -> None:
        for death in deaths:
            raise death

    return kill
