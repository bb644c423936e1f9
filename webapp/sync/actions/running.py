"""Starting and stopping the pulls of a connection."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox import queue, roads
from webapp.sync import progress
from webapp.sync.events import (
    ConnectionPaused,
    ConnectionResumed,
    RereadRequested,
    SyncRequested,
)
from webapp.sync.leases import PULLABLE
from webapp.sync.models import EVERYTHING, Connection
from webapp.sync.waking import wake


def pause(connection: Connection, *, actor: Actor, reason: str = "") -> None:
    """Stop pulling and pushing until somebody resumes. A pull in progress ends after its page."""
    if connection.state == "paused":
        return
    connection.state = "paused"
    connection.reason = reason or gettext("stopped by %(name)s", name=actor.name)
    connection.next_pull_at = None  # a pull in progress finds the pause at its next page and ends
    db.session().flush()
    fact = ConnectionPaused(
        subject_id=connection.id, name=connection.name, state="paused", reason=connection.reason
    )
    record(fact, actor=actor)
    progress.announce(connection.id, at_once=True)


def resume(connection: Connection, *, actor: Actor) -> None:
    """Go on at once, also after the desk itself had stopped it."""
    if connection.state == "active":
        return
    connection.state, connection.reason = "active", ""
    connection.not_before = None
    roads.start_over(connection.pull_road)
    roads.start_over(connection.target)
    due_now(connection)
    queue.release(connection.target)
    db.session().flush()
    record(ConnectionResumed(subject_id=connection.id, name=connection.name), actor=actor)
    progress.announce(connection.id, at_once=True)


def request_sync(connection: Connection, *, actor: Actor) -> bool:
    """Pull now. True when a pull is running already: it will run again after it.

    Raises Conflict when the connection rests.
    """
    if connection.state not in ("active", "degraded"):
        raise Conflict(gettext("This connection is paused. Resume it first."))
    now = clock.now()
    running = connection.lease_token is not None and (connection.lease_until or now) > now
    due_now(connection)
    db.session().flush()
    record(SyncRequested(subject_id=connection.id, name=connection.name), actor=actor)
    progress.announce(connection.id, at_once=True)
    return running


def request_reread(connection: Connection, *, since: datetime | None, actor: Actor) -> bool:
    """Read anew what changed since then, or everything (None): with the next pull, which is due now unless the
    connection rests. What is unchanged stays as it is. True when a pull is running, after which it begins."""
    connection.reread_from = since or EVERYTHING
    now = clock.now()
    running = connection.lease_token is not None and (connection.lease_until or now) > now
    if connection.state in PULLABLE:
        due_now(connection)
    db.session().flush()
    words = since.isoformat() if since else ""
    fact = RereadRequested(subject_id=connection.id, name=connection.name, since=words)
    record(fact, actor=actor)
    progress.announce(connection.id, at_once=True)
    return running


def due_now(connection: Connection) -> None:
    """The next pull is due; a worker is told."""
    connection.next_pull_at = clock.now()
    wake(connection.id, trigger="manual")
