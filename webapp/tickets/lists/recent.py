"""The tickets that a person looked at last: in Redis alone, so that it begins anew when that is emptied."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from redis import RedisError
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import clock, db, redis
from webapp.tickets.models import Ticket

KEPT = 12
_SECONDS = 90 * 86_400
log = logging.getLogger(__name__)


def looked_at(user: User, ticket: Ticket) -> None:
    """`user` has the ticket's page open."""
    key = _key(user)
    try:
        with redis.client().pipeline(transaction=False) as pipe:
            pipe.zadd(key, {str(ticket.id): clock.now().timestamp()})
            pipe.zremrangebyrank(key, 0, -KEPT - 1)
            pipe.expire(key, _SECONDS)
            pipe.execute()
    except RedisError:
        log.warning("recently viewed: Redis is away")


def tickets_of(user: User) -> Sequence[Ticket]:
    """Last one first, of those that are still there and may be seen."""
    if not user.may(Permission.TICKETS_SEE):
        return []
    try:
        found: Any = redis.client().zrevrange(_key(user), 0, KEPT - 1)
    except RedisError:
        return []
    ids = [int(each) for each in found]
    there = {t.id: t for t in db.session().scalars(select(Ticket).where(Ticket.id.in_(ids)))}
    return [there[each] for each in ids if each in there]


def _key(user: User) -> str:
    return f"recent-tickets:{user.id}"
