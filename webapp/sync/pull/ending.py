"""The end of a run: what it leaves on the connection, when the next one comes, and who is told."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, literal, update
from sqlalchemy.orm import Session

from webapp.core import clock, db
from webapp.core.errors import AppError, RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.sync import leases, progress, runs
from webapp.sync.backoff import next_pull
from webapp.sync.events import ConnectionPaused, SyncFailed, SyncRecovered
from webapp.sync.health import ADVICE
from webapp.sync.leases import Fenced
from webapp.sync.models import Connection
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
        _end(session, opened, runs.OK, cursor, now=now, warnings=list(warnings)[:20])
        if opened.failures:
            fact = SyncRecovered(
                subject_id=scope.connection_id,
                name=scope.name,
                run_id=opened.run_id,
                failures=opened.failures,
            )
            record(fact, actor=SYSTEM)
    return runs.OK


def partial(opened: Opened, cursor: Cursor) -> str:
    """The budget is spent: others get their turn, then it goes on where it stopped."""
    now = clock.now()
    with db.transaction() as session:
        _release(session, opened, now=now, next_at=now, cursor=cursor.to_json())
        _end(session, opened, runs.PARTIAL, cursor, now=now)
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


def failed(opened: Opened, cursor: Cursor, error: AppError) -> str:
    """By the upstream's fault or answer. The watermark stays."""
    kind, advice = _kind(error), getattr(error, "advice", "") or str(ADVICE.get(error.code, ""))
    asked = getattr(error, "retry_after", None)
    if kind == "rate_limited":
        asked = asked or SLOW_DOWN_S
    _fail(opened, cursor, kind=kind, text=error.message, advice=advice, wait=asked)
    return runs.FAILED


def broken(opened: Opened, cursor: Cursor, error: Exception) -> None:
    """By our own fault: its kind is named, its text may hold personal data."""
    text = gettext("The desk itself failed (%(kind)s).", kind=type(error).__name__)
    db.session().rollback()
    _fail(opened, cursor, kind="broken", text=text, advice=str(ADVICE["broken"]), wait=None)


def unreadable(connection_id: int, error: AppError) -> None:
    """The settings or the token cannot be read, so no pull can begin until a person has looked."""
    with db.transaction() as session:
        connection = session.get(Connection, connection_id)
        if connection is not None and connection.state in leases.PULLABLE:
            _pause(
                session, connection_id, connection.name, state="auth_error", reason=error.message
            )


def _fail(
    opened: Opened, cursor: Cursor, *, kind: str, text: str, advice: str, wait: float | None
) -> None:
    scope, now = opened.scope, clock.now()
    # Being asked to wait is no failure; it is shown as waiting.
    failures = opened.failures + (kind != "rate_limited")
    next_at = next_pull(
        now, interval=opened.interval, failures=failures, dice=random.random, wait=wait
    )
    values: dict[str, Any] = {"failures": failures}
    values["cursor"] = cursor.to_json() if kind in GO_ON_AFTER else {}
    if wait:
        values["not_before"] = now + timedelta(seconds=wait)
        if kind == "rate_limited":
            next_at = values["not_before"]
    with db.transaction() as session:
        try:
            _release(session, opened, now=now, next_at=next_at, **values)
        except Fenced:
            return
        _end(
            session,
            opened,
            runs.FAILED,
            cursor,
            now=now,
            error_kind=kind,
            error=text,
            advice=advice,
        )
        if failures == 1 and kind != "rate_limited":
            fact = SyncFailed(
                subject_id=scope.connection_id,
                name=scope.name,
                run_id=opened.run_id,
                error_kind=kind,
                error=text,
            )
            record(fact, actor=SYSTEM)
        if kind in AUTH:
            _pause(session, scope.connection_id, scope.name, state="auth_error", reason=text)
        elif kind == "quarantine":
            _pause(session, scope.connection_id, scope.name, state="degraded", reason=text)


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
