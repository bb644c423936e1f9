"""Who takes long is served apart, by processes of its own, so that nobody else ever waits for it.

A call that lasts too long marks its road (connection:3, pull:3, mail); from then on its tasks go to queue `slow`, one
waiting there at a time. A quick call takes the mark away. It stands in Redis, since it decides nothing but who serves:
forgotten, it costs one more long call.
"""

from __future__ import annotations

import sys

import redis

from webapp.core.redis import client

LONG_S = 4.0
REMEMBERED_S = 3600  # longer than the longest rest after failures
WAITS_S = 120  # then a task that was lost on its way may be put again

QUEUE = "slow"


def note(road: str, seconds: float) -> bool:
    """Remember how long a call took. True: too long, so give way now and go on by another task."""
    try:
        if seconds >= LONG_S:
            client().set(_mark(road), 1, ex=REMEMBERED_S)
        elif serves_the_slow():
            client().delete(_mark(road))
    except redis.RedisError:
        return False
    return seconds >= LONG_S


def is_known(road: str) -> bool:
    """Raises RedisError."""
    return bool(client().exists(_mark(road)))


def may_queue(road: str) -> bool:
    """False: a task for this road waits among the slow ones already. Raises RedisError."""
    return bool(client().set(_waits(road), 1, nx=True, ex=WAITS_S))


def is_misplaced(road: str) -> bool:
    """At the begin of a task: whether it was queued among the quick before anybody knew, and must be queued anew.

    Else it waits no longer, so that the next one for this road may.
    """
    try:
        if serves_the_quick():
            return is_known(road)
        client().delete(_waits(road))
    except redis.RedisError:
        pass
    return False


def serves_the_slow() -> bool:
    """Whether this process runs a task of the slow ones."""
    return _origin() == QUEUE


def serves_the_quick() -> bool:
    """Whether a worker runs this for the quick ones, and others wait for it to end."""
    return _origin() not in ("", QUEUE)


def _origin() -> str:
    rq = sys.modules.get("rq")  # only where a worker has loaded it can a task be running
    job = rq.get_current_job() if rq is not None else None
    return str(job.origin) if job is not None else ""


def _mark(road: str) -> str:
    return f"tulay:slow:{road}"


def _waits(road: str) -> str:
    return f"tulay:slow-waits:{road}"
