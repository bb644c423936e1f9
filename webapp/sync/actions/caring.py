"""What the desk itself minds about connections from minute to minute: tokens that end, roads that lead nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import breaker, clock, db
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.outbox import roads
from webapp.outbox.models import Road
from webapp.sync.actions import running
from webapp.sync.events import ConnectionFailing, TokenExpires
from webapp.sync.models import Connection, ConnectionSecret

MARKS = (0, 1, 7)  # days before a token ends at which people are told
PULL, PUSH = "pull", "push"
_WAYS = {"pull": PULL, "connection": PUSH}


def mark_of(expires_at: datetime, now: datetime) -> int | None:
    """The nearest mark that a token has reached: 7, 1, 0 (it has ended); None before all of them."""
    left = expires_at - now
    return next((days for days in MARKS if left <= timedelta(days=days)), None)


def warn_of_tokens() -> int:
    """Say of each token that nears its end, once at each mark. Gives how many were told of."""
    now, told = clock.now(), 0
    rows = db.session().execute(
        select(ConnectionSecret, Connection)
        .join(Connection, Connection.id == ConnectionSecret.connection_id)
        .where(
            ConnectionSecret.retired_at.is_(None),
            ConnectionSecret.expires_at <= now + timedelta(days=max(MARKS)),
        )
    )
    for secret, connection in rows.all():
        ends = secret.expires_at or now
        mark = mark_of(ends, now)
        if mark is not None and _mark(secret, mark):
            fact = TokenExpires(
                subject_id=connection.id, name=connection.name, days=mark, at=ends.isoformat()
            )
            record(fact, actor=SYSTEM)
            told += 1
    return told


def mind_failing() -> None:
    """After 60 hours of nothing but failures people are warned, after 120 the connection is paused."""
    for road in roads.long_failing():
        kind, _, number = road.name.partition(":")
        connection = db.session().get(Connection, int(number)) if number.isdigit() else None
        if connection is None or connection.state not in ("active", "degraded"):
            continue
        step = breaker.patience(road.failing_since, clock.now())
        if step == "warn" and road.warned_at is None:
            _warn(connection, road, way=_WAYS.get(kind, PUSH))
        elif step == "pause":
            _give_up(connection, way=_WAYS.get(kind, PUSH))


def _mark(secret: ConnectionSecret, mark: int) -> bool:
    """Compare and set: of two ticks one tells."""
    before = ConnectionSecret.warned_days
    won: Any = db.session().execute(
        update(ConnectionSecret)
        .where(ConnectionSecret.id == secret.id, (before.is_(None)) | (before > mark))
        .values(warned_days=mark)
        .execution_options(synchronize_session=False)
    )
    return bool(won.rowcount)


def _warn(connection: Connection, road: Road, *, way: str) -> None:
    roads.warned(road.name)
    since = road.failing_since or clock.now()
    hours = int((clock.now() - since).total_seconds() // 3600)
    fact = ConnectionFailing(subject_id=connection.id, name=connection.name, way=way, hours=hours)
    record(fact, actor=SYSTEM)


def _give_up(connection: Connection, *, way: str) -> None:
    hours = int(breaker.PAUSE_AFTER.total_seconds() // 3600)
    if way == PULL:
        reason = gettext("nothing could be read for %(hours)s hours", hours=hours)
    else:
        reason = gettext("nothing could be sent for %(hours)s hours", hours=hours)
    running.pause(connection, actor=SYSTEM, reason=reason)
