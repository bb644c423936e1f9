"""Background work: RQ queues that hold only function names and ids. What is due stands in SQL."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import redis

from webapp.core import db, slow
from webapp.core.redis import client

log = logging.getLogger(__name__)

# Mail and pushes never wait behind a long pull, nor anybody behind one that takes long: other processes serve them
# (see worker.LAYOUT).
QUEUES = ("deliver", "default", "pull", slow.QUEUE)
LONGEST_TASK_S = 900


def enqueue(
    task: Callable[..., Any],
    *args: int | str,
    queue: str = "default",
    road: str = "",
    longest_s: int = LONGEST_TASK_S,
) -> None:
    """Nudge a worker to run `task(*args)`, after the commit when a transaction is open.

    `road`: whom it calls; one that takes long is served by the queue for the slow ones, whatever `queue` says.
    `longest_s`: after so long it is stopped.
    A dead Redis is logged, not raised: the tick finds the same work in SQL within a minute.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r}.")
    db.after_commit(lambda: _push(task, args, queue, road, longest_s))


def _push(
    task: Callable[..., Any], args: tuple[int | str, ...], queue: str, road: str, longest_s: int
) -> None:
    import rq  # the process that pulls may never queue anything: it is not loaded with all the rest

    try:
        if road and slow.is_known(road):
            if not slow.may_queue(road):
                return
            queue = slow.QUEUE
        rq.Queue(queue, connection=client()).enqueue(
            task, args=args, job_timeout=longest_s, result_ttl=0, failure_ttl=3600
        )
    except redis.RedisError as error:
        log.warning("Redis is away (%s); the tick will find this work", type(error).__name__)
