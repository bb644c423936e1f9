"""Who takes long is queued apart, one task at a time, and comes back when it is quick again."""

from __future__ import annotations

import pytest
import rq

from webapp.core import redis as core_redis
from webapp.core import slow
from webapp.core.queue import enqueue
from webapp.outbox import tasks

pytestmark = pytest.mark.usefixtures("app")

ROAD = "connection:7"


def work(_road: str) -> None:
    """Only queued here."""


def waiting(queue: str) -> int:
    return len(rq.Queue(queue, connection=core_redis.client()))


def queue_one() -> None:
    enqueue(work, ROAD, queue="deliver", road=ROAD)


def test_who_answers_in_time_stays_where_it_was_put() -> None:
    assert not slow.note(ROAD, slow.LONG_S - 0.1)
    queue_one()
    assert (waiting("deliver"), waiting(slow.QUEUE)) == (1, 0)


def test_after_a_long_call_its_tasks_wait_apart_and_one_at_a_time() -> None:
    assert slow.note(ROAD, slow.LONG_S)
    queue_one()
    queue_one()
    enqueue(work, "connection:8", queue="deliver", road="connection:8")
    assert (waiting("deliver"), waiting(slow.QUEUE)) == (1, 1)


def test_when_its_task_begins_the_next_one_may_wait() -> None:
    slow.note(ROAD, slow.LONG_S)
    queue_one()
    assert not slow.is_misplaced(ROAD)
    queue_one()
    assert waiting(slow.QUEUE) == 2


def test_a_task_queued_before_it_was_known_is_queued_anew() -> None:
    slow.note(ROAD, slow.LONG_S)
    at_once = rq.Queue("deliver", connection=core_redis.client(), is_async=False)
    at_once.enqueue(tasks.drain, ROAD)
    assert (waiting("deliver"), waiting(slow.QUEUE)) == (0, 1)


def test_an_emptied_redis_forgets_and_nothing_is_lost() -> None:
    slow.note(ROAD, slow.LONG_S)
    queue_one()
    core_redis.client().flushall()
    queue_one()
    assert (waiting("deliver"), waiting(slow.QUEUE)) == (1, 0)
