"""The end of a run: what it leaves on the connection, when the next one comes, and who is told."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, literal, update
from sqlalchemy.orm import Session

from webapp.accounts.queries import desk
from webapp.core import breaker, clock, db
from webapp.core.breaker import Breaker
from webapp.core.errors import AppError, RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.outbox import roads
from webapp.sync import leases, progress, runs
from webapp.sync.backoff import next_pull
from webapp.sync.events import (
    ConnectionPaused,
    LargeImport,
    SyncFailed,
    SyncRecovered,
    SyncStillFailing,
)
from webapp.sync.health import ADVICE
from webapp.sync.leases import Fenced
from webapp.sync.models import Connection, Run
from webapp.sync.pull import vanished
from webapp.sync.pull.cursor import Cursor
from webapp.sync.pull.opening import Opened
from webapp.sync.waking import wake

# After these the saved place is good to go on from; after any other failure the window starts anew.
GO_ON_AFTER = (
    "network",
    "dns",
    "tls",
    "timeout",
    "server",
    "rate_limited",
    "unauthorized",
    "forbidden",
    "blocked",
)
AUTH = ("unauthorized", "forbidden")
SLOW_DOWN_S = 60.0  # where we are told "too many" without being told for how long


def ok(opened: Opened, cursor: Cursor, *, warnings: Sequence[str]) -> str:
    """The window is drained: only now does the watermark move."""
    scope, now = opened.scope, clock.now()
    with db.transaction() as session:
        _release(
            session,
            opened,
            now=now,
            next_at=next_pull(now, interval=opened.interval, failures=0, dice=random.random),
            cursor={},
            watermark=cursor.watermark(opened.watermark),
            failures=0,
            last_success_at=now,
        )
        session.execute(
            update(Connection)
            .where(Connection.id == scope.connection_id, Connection.state == "degraded")
            .values(state="active", reason="")
            .execution_options(synchronize_session=False)
        )
        if cursor.asked:
            _forget_asked(session, scope.connection_id, cursor.asked)
        said = list(warnings)[:20]
        if scope.lists_all and (asked_first := vanished.note(scope, began=cursor.began, now=now)):
            said.insert(0, asked_first)
        _end(session, opened, runs.OK, cursor, now=now, warnings=said)
        _tell_of_many(session, opened)
        roads.write(opened.road, breaker.succeeded(opened.breaker))
        if opened.failures:
            fact = SyncRecovered(
                subject_id=scope.connection_id,
                name=scope.name,
                run_id=opened.run_id,
                failures=opened.failures,
            )
            record(fact, actor=SYSTEM)
    return runs.OK


def _forget_asked(session: Session, connection_id: int, asked: str) -> None:
    """What was asked for is done, unless somebody has asked for another window meanwhile."""
    session.execute(
        update(Connection)
        .where(
            Connection.id == connection_id,
            Connection.reread_from == datetime.fromisoformat(asked),
        )
        .values(reread_from=None)
        .execution_options(synchronize_session=False)
    )


def partial(opened: Opened, cursor: Cursor, *, road: Breaker) -> str:
    """Its turn is over: others get theirs, then it goes on where it stopped."""
    now = clock.now()
    with db.transaction() as session:
        _release(session, opened, now=now, next_at=now, cursor=cursor.to_json())
        _end(session, opened, runs.PARTIAL, cursor, now=now)
        _tell_of_many(session, opened)
        roads.write(opened.road, road)
        wake(opened.scope.connection_id, trigger="resume")
    return runs.PARTIAL


def cancelled(opened: Opened) -> str:
    """Somebody paused the connection, or another worker has taken over: write nothing but our own end."""
    now = clock.now()
    with db.transaction() as session:
        with contextlib.suppress(Fenced):
            leases.give_up(session, opened.scope.connection_id, opened.token)
        _end(session, opened, runs.CANCELLED, opened.cursor, now=now)
    return runs.CANCELLED


def failed(opened: Opened, cursor: Cursor, error: AppError, *, road: Breaker) -> str:
    """By the upstream's fault or answer. The watermark stays. `road`: how the calls of this run went."""
    kind, advice = _kind(error), getattr(error, "advice", "") or str(ADVICE.get(error.code, ""))
    asked = getattr(error, "retry_after", None)
    if kind == "rate_limited":
        asked = asked or SLOW_DOWN_S
    doubling = not breaker.counts(error)  # else the breaker's rest is what doubles
    _fail(
        opened,
        cursor,
        Failure(kind, error.message, advice, wait=asked, doubling=doubling),
        road=road,
    )
    return runs.FAILED


def broken(opened: Opened, cursor: Cursor, error: Exception) -> None:
    """By our own fault: its kind is named, its text may hold personal data."""
    text = gettext("The desk itself failed (%(kind)s).", kind=type(error).__name__)
    db.session().rollback()
    _fail(opened, cursor, Failure("broken", text, str(ADVICE["broken"])), road=opened.breaker)


def unreadable(connection_id: int, error: AppError) -> None:
    """The settings or the token cannot be read, so no pull can begin until a person has looked."""
    with db.transaction() as session:
        connection = session.get(Connection, connection_id)
        if connection is not None and connection.state in leases.PULLABLE:
            _pause(
                session, connection_id, connection.name, state="auth_error", reason=error.message
            )


@dataclass(frozen=True)
class Failure:
    """Why a run failed. `wait`: seconds that the upstream asked for. `doubling`: the next run comes later each
    time."""

    kind: str
    text: str
    advice: str
    wait: float | None = None
    doubling: bool = True

    @property
    def is_one(self) -> bool:
        """Being asked to wait is no failure; it is shown as waiting."""
        return self.kind != "rate_limited"


def _fail(opened: Opened, cursor: Cursor, why: Failure, *, road: Breaker) -> None:
    now = clock.now()
    failures = opened.failures + why.is_one
    if why.is_one and road.failing_since is None:
        road = replace(road, failing_since=now)
    values: dict[str, Any] = {"failures": failures}
    values["cursor"] = cursor.to_json() if why.kind in GO_ON_AFTER else {}
    if why.wait:
        values["not_before"] = now + timedelta(seconds=why.wait)
    next_at = _next_at(opened, why, failures, road, now=now)
    with db.transaction() as session:
        try:
            _release(session, opened, now=now, next_at=next_at, **values)
        except Fenced:
            return
        said = {"error_kind": why.kind, "error": why.text, "advice": why.advice}
        _end(session, opened, runs.FAILED, cursor, now=now, **said)
        _tell_of_failure(session, opened, why, failures)
        roads.write(opened.road, road)


def _next_at(
    opened: Opened, why: Failure, failures: int, road: Breaker, *, now: datetime
) -> datetime:
    if not why.is_one:
        return now + timedelta(seconds=why.wait or SLOW_DOWN_S)
    rest = max(why.wait or 0.0, (road.open_until - now).total_seconds() if road.open_until else 0.0)
    counted = failures if why.doubling else min(failures, 1)
    return next_pull(now, interval=opened.interval, failures=counted, dice=random.random, wait=rest)


def _tell_of_failure(session: Session, opened: Opened, why: Failure, failures: int) -> None:
    scope = opened.scope
    about: dict[str, Any] = {
        "subject_id": scope.connection_id,
        "name": scope.name,
        "run_id": opened.run_id,
    }
    said: dict[str, Any] = {"error_kind": why.kind, "error": why.text}
    if failures == 1 and why.is_one:
        record(SyncFailed(**about, **said), actor=SYSTEM)
    elif failures == 2 and why.is_one:
        record(SyncStillFailing(**about, **said, advice=why.advice), actor=SYSTEM)
    if why.kind in AUTH:
        _pause(session, scope.connection_id, scope.name, state="auth_error", reason=why.text)
    elif why.kind == "quarantine":
        _pause(session, scope.connection_id, scope.name, state="degraded", reason=why.text)


def _tell_of_many(session: Session, opened: Opened) -> None:
    """More new records at once than the desk expects."""
    scope = opened.scope
    run = session.get_one(Run, opened.run_id, populate_existing=True)
    created = run.created
    if created >= desk().large_import:
        fact = LargeImport(
            subject_id=scope.connection_id,
            name=scope.name,
            run_id=opened.run_id,
            created=created,
            kinds=runs.made_by(session, run),
        )
        record(fact, actor=SYSTEM)


def _pause(session: Session, connection_id: int, name: str, *, state: str, reason: str) -> None:
    """A refused token stops the pulls; a degraded connection goes on trying."""
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state == "auth_error":
        values["next_pull_at"] = None
    moved: Any = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.state != state)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount:
        fact = ConnectionPaused(subject_id=connection_id, name=name, state=state, reason=reason)
        record(fact, actor=SYSTEM)


def _release(
    session: Session, opened: Opened, *, now: datetime, next_at: datetime, **values: Any
) -> None:
    """A time that somebody asked for while we ran is kept."""
    wanted = func.coalesce(
        Connection.next_pull_at, literal(next_at, type_=Connection.next_pull_at.type)
    )
    leases.give_up(session, opened.scope.connection_id, opened.token, next_pull_at=wanted, **values)


def _end(
    session: Session, opened: Opened, state: str, cursor: Cursor, *, now: datetime, **said: Any
) -> None:
    runs.end(
        session,
        opened.run_id,
        token=opened.token,
        state=state,
        now=now,
        cursor=cursor.to_json(),
        **said,
    )
    progress.announce(opened.scope.connection_id, at_once=True)


def _kind(error: AppError) -> str:
    return error.kind if isinstance(error, RemoteError) else error.code
