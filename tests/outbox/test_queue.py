"""Putting things into the outbox."""

from __future__ import annotations

from contextlib import suppress

import pytest
import rq
from flask import Flask

from tests.outbox.ways import FakeWay, again, put, states
from webapp.core import redis as core_redis
from webapp.core.db import session, transaction
from webapp.outbox import deliver, queue, tasks, watch
from webapp.outbox.channels import Hold
from webapp.outbox.models import Delivery


def _asked() -> list[str]:
    jobs = rq.Queue("deliver", connection=core_redis.client()).jobs
    return [f"{job.func_name.rsplit('.', 1)[-1]} {job.args[0]}" for job in jobs]


def test_it_asks_for_one_drain_after_the_commit_however_many_are_put(way: FakeWay) -> None:
    with transaction():
        put("one")
        put("two")
        put("three", target="near")
        assert _asked() == []
    assert _asked() == ["drain far", "drain near"]


def test_a_rolled_back_change_leaves_nothing_and_asks_for_nothing(way: FakeWay) -> None:
    with suppress(ZeroDivisionError), transaction():
        put("one")
        1 / 0  # noqa: B018
    assert session().query(Delivery).count() == 0
    assert _asked() == []


def test_it_wants_an_open_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError, match=r"open transaction"):
        queue.put(
            channel="fake",
            target="far",
            lane="a",
            kind="word",
            subject=("ticket", 1),
            payload={},
            summary="",
        )


def test_the_idempotency_key_stays_over_attempts_and_is_its_own(way: FakeWay) -> None:
    first, second = put("one"), put("two")
    assert first.idempotency_key != second.idempotency_key
    before = first.idempotency_key
    deliver.drain("far")
    assert again(first).idempotency_key == before


def test_untouched_neighbours_of_a_kind_become_the_last_one(way: FakeWay) -> None:
    first, second, third = put("one"), put("two"), put("three", coalesce=True)
    assert states(first, second, third) == ["superseded", "superseded", "pending"]
    assert again(first).reason == f"Superseded by delivery {third.id}."
    assert again(first).settled_at is not None
    deliver.drain("far")
    assert way.sent == ["three"]


def test_another_kind_or_lane_or_an_attempt_keeps_them_apart(way: FakeWay) -> None:
    other_lane = put("zero", lane="b")
    first, comment, second = put("one"), put("two", kind="comment"), put("three", coalesce=True)
    assert states(other_lane, first, comment, second) == ["pending"] * 4
    way.script = [Hold("paused")]
    deliver.drain("far")
    tried = put("four", lane="b", coalesce=True)
    assert again(other_lane).attempts
    assert states(other_lane, tried) == ["held", "pending"]


def test_a_released_target_is_due_at_once(way: FakeWay) -> None:
    delivery = put("one")
    way.hold = Hold("paused")
    deliver.drain("far")
    way.hold = None
    with transaction():
        queue.release("far")
    deliver.drain("far")
    assert states(delivery) == ["sent"]


def test_the_tick_finds_what_is_due_without_redis(way: FakeWay) -> None:
    put("one")
    put("two", target="near")
    core_redis.client().flushall()
    tasks.tick_due()
    assert sorted(_asked()) == ["drain far", "drain near"]


def test_the_tick_asks_nothing_for_lanes_that_are_parked(way: FakeWay) -> None:
    put("one")
    with transaction() as open_session:
        open_session.query(Delivery).update({"state": "parked"})
    put("two")
    core_redis.client().flushall()
    tasks.tick_due()
    assert _asked() == []


def test_each_move_is_told_to_whoever_watches(way: FakeWay) -> None:
    seen: list[str] = []
    before = list(watch._tell)
    watch.install(lambda delivery: seen.append(delivery.state))
    try:
        put("one")
        deliver.drain("far")
    finally:
        watch._tell[:] = before
    assert seen == ["pending", "sending", "sent"]
