"""Who looks at a ticket, who writes, and how many people are active: kept in Redis, gone by itself, may be lost.

A page says so again and again while it is seen; whoever falls silent is forgotten. A hub says who has a stream open,
an answer to `/live/poll` who polls.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import redis

from webapp.core.redis import client
from webapp.realtime import live, stream
from webapp.realtime.frames import named

LOOKS_S = 45.0  # a page says it every 20 s
WRITES_S = 20.0  # and every 8 s while somebody types
ACTIVE_S = 45.0  # after their last page closed: going from page to page is no leaving
ACTIVE, TOLD = "tulay:active", "tulay:active:told"

LOOKING, WRITING, GONE = "looking", "writing", "gone"


@dataclass(frozen=True)
class Here:
    """One person at a ticket."""

    user_id: int
    writes: bool


def note(ticket_id: int, user_id: int, doing: str) -> None:
    """This person looks, writes or has gone. The ticket's page and lists hear of news. Redis away: nobody does."""
    looks, writes = _keys(ticket_id)
    now = time.time()
    try:
        pipe = client().pipeline(transaction=False)
        for key in (looks, writes):
            pipe.zremrangebyscore(key, 0, now)
        if doing == GONE:
            pipe.zrem(looks, user_id)
        else:
            pipe.zadd(looks, {str(user_id): now + LOOKS_S})
        if doing == WRITING:
            pipe.zadd(writes, {str(user_id): now + WRITES_S})
        else:
            pipe.zrem(writes, user_id)
        news = pipe.execute()
        pipe.expire(looks, int(LOOKS_S) * 2)
        pipe.expire(writes, int(LOOKS_S) * 2)
        pipe.execute()
    except redis.RedisError:
        return
    if any(news):
        live.signal((f"ticket:{ticket_id}", "staff"), "presence:changed", id=ticket_id)


def at(ticket_id: int, *, but: int) -> list[Here]:
    """Who else is at the ticket; who writes comes first."""
    return at_each([ticket_id], but=but)[ticket_id]


def at_each(ticket_ids: Sequence[int], *, but: int) -> dict[int, list[Here]]:
    """The same for the tickets of a list, with one call."""
    now = time.time()
    try:
        pipe = client().pipeline(transaction=False)
        for ticket_id in ticket_ids:
            for key in _keys(ticket_id):
                pipe.zrangebyscore(key, now, "+inf")
        found = [[int(each) for each in members] for members in pipe.execute()]
    except redis.RedisError:
        found = [[]] * (2 * len(ticket_ids))
    pairs = zip(found[::2], found[1::2], strict=True)
    return {
        ticket_id: sorted(
            (Here(user_id, user_id in writing) for user_id in looking if user_id != but),
            key=lambda here: not here.writes,
        )
        for ticket_id, (looking, writing) in zip(ticket_ids, pairs, strict=True)
    }


def active_people() -> int:
    """How many people have a page open, as far as anybody knows."""
    try:
        return int(client().zcount(ACTIVE, time.time(), "+inf"))
    except redis.RedisError:
        return 0


def seen(redis_client: redis.Redis, people: Iterable[int]) -> None:
    """These have a page open. Tells the staff's pages how many are active, where that changed. Raises RedisError."""
    now = time.time()
    pipe = redis_client.pipeline(transaction=False)
    pipe.zremrangebyscore(ACTIVE, 0, now)
    until = {str(user_id): now + ACTIVE_S for user_id in people}
    if until:
        pipe.zadd(ACTIVE, until)
    pipe.zcard(ACTIVE)
    count = int(pipe.execute()[-1])
    before = redis_client.set(TOLD, count, get=True)
    if before is None or int(before) != count:
        stream.add(redis_client, [(frozenset({"staff"}), named("users:status", {"active": count}))])


def _keys(ticket_id: int) -> tuple[str, str]:
    return f"tulay:looks:{ticket_id}", f"tulay:writes:{ticket_id}"
