"""A target that cannot be reached is left alone, and tried by one delivery at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask
from time_machine import Traveller

from tests.conftest import PATIENCE_S
from tests.outbox.conftest import NOON
from tests.outbox.ways import FakeWay, again, put, states
from webapp.core import db
from webapp.core.breaker import Breaker
from webapp.core.errors import RemoteError
from webapp.events.types import Actor
from webapp.outbox import actions, deliver, queue, roads
from webapp.outbox.channels import Answer
from webapp.outbox.models import Road

AMIHAN = Actor("user", 1, "Amihan")


def dead(kind: str = "network", **more: object) -> RemoteError:
    return RemoteError("no", kind=kind, retryable=True, **more)  # type: ignore[arg-type]


def cut_off(way: FakeWay, lanes: int = 8) -> list[int]:
    waiting = [put(str(n), lane=str(n)).id for n in range(lanes)]
    way.script = [dead()] * lanes
    deliver.drain("far")
    return waiting


def attempts(ids: list[int]) -> list[int]:
    from webapp.outbox.models import Delivery

    db.session().rollback()
    db.session().expire_all()
    return [db.session().get_one(Delivery, each).attempt_count for each in ids]


def test_after_five_failures_nothing_more_is_sent_and_no_attempt_is_burned(
    way: FakeWay, travel: Traveller
) -> None:
    waiting = cut_off(way)
    assert attempts(waiting) == [1] * 5 + [0] * 3

    travel.shift(timedelta(seconds=30))
    deliver.drain("far")

    assert attempts(waiting) == [1] * 5 + [0] * 3
    assert roads.breaker_of("far").open_until == NOON + timedelta(minutes=1)


def test_after_the_rest_one_delivery_tries_and_its_failure_doubles_the_rest(
    way: FakeWay, travel: Traveller
) -> None:
    waiting = cut_off(way)
    travel.shift(timedelta(seconds=61))

    deliver.drain("far")

    assert sum(attempts(waiting)) == 6
    assert roads.breaker_of("far").open_until == NOON + timedelta(seconds=61, minutes=2)


def test_when_the_probe_gets_through_all_the_others_follow(way: FakeWay, travel: Traveller) -> None:
    waiting = cut_off(way)
    way.script = []
    travel.shift(timedelta(minutes=2))

    deliver.drain("far")

    assert states(*[again_by(each) for each in waiting]) == ["sent"] * 8
    assert roads.breaker_of("far").failing_since is None


def test_while_the_probe_is_under_way_nobody_else_calls(way: FakeWay, travel: Traveller) -> None:
    waiting = cut_off(way)
    way.script = []
    travel.shift(timedelta(minutes=2))
    meanwhile: list[list[int]] = []

    def another_worker(_word: str) -> None:
        if not meanwhile:
            meanwhile.append([])
            deliver.drain("far")
            meanwhile[0] = attempts(waiting)

    way.before_send = another_worker
    deliver.drain("far")

    assert sum(meanwhile[0]) == 6, "the five failures and the probe"


def test_another_target_does_not_wait_with_it(way: FakeWay, travel: Traveller) -> None:
    cut_off(way)
    way.script = []
    other = put("hello", target="near")

    deliver.drain("near")

    assert states(other) == ["sent"]


def test_a_refused_record_is_an_answer_and_so_no_reason_to_rest(way: FakeWay) -> None:
    for n in range(8):
        put(str(n), lane=str(n))
    way.script = [RemoteError("no", kind="rejected", http_status=422)] * 8
    deliver.drain("far")
    assert roads.breaker_of("far") == Breaker()


def test_whoever_says_that_it_works_again_is_believed_once(way: FakeWay, travel: Traveller) -> None:
    waiting = cut_off(way)
    way.script = []

    with db.transaction():
        queue.release("far")
    deliver.drain("far")

    assert again_by(waiting[7]).state == "sent"


def test_retry_now_is_a_probe(way: FakeWay, travel: Traveller) -> None:
    waiting = cut_off(way)
    way.script = []
    with db.transaction():
        actions.retry_now(waiting[0], actor=AMIHAN)

    deliver.drain("far")

    assert again_by(waiting[0]).state == "sent"


def test_a_road_that_is_always_good_writes_nothing(way: FakeWay) -> None:
    for n in range(3):
        put(str(n), lane=str(n))
    deliver.drain("far")
    assert db.session().get(Road, "far") is None


def test_failures_that_end_at_the_same_moment_are_all_counted(app: Flask, way: FakeWay) -> None:
    together = threading.Barrier(4)

    def close() -> None:
        with app.app_context():
            together.wait(PATIENCE_S)
            with db.transaction():
                roads.note("far", dead("server", http_status=503))

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert roads.breaker_of("far").recent == "----"
    with db.transaction():
        roads.note("far", Answer(200))
    assert roads.breaker_of("far").failing_since is None


def again_by(delivery_id: int):  # type: ignore[no-untyped-def]
    from webapp.outbox.models import Delivery

    return again(db.session().get_one(Delivery, delivery_id))


def test_a_slow_target_is_asked_one_thing_at_a_time(way: FakeWay, travel: Traveller) -> None:
    for n in range(3):
        put(str(n), lane=str(n))
    under_way: list[int] = []

    def slowly(_word: str) -> None:
        under_way.append(1)
        if len(under_way) == 1:
            travel.shift(timedelta(seconds=3))
            deliver.drain("far")  # another worker, three seconds later
            assert len(under_way) == 1

    way.before_send = slowly
    deliver.drain("far")
    assert len(way.sent) == 3
