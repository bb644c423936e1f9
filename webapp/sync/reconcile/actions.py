"""Beginning and stopping comparisons. Needs an open transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, or_, select, update

from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.queue import enqueue
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.sync import progress
from webapp.sync.connections import declared
from webapp.sync.connectors.declaration import CreatedWindow
from webapp.sync.events import ReconcileStarted, ReconcileStopped
from webapp.sync.leases import PULLABLE
from webapp.sync.models import Connection, Link
from webapp.sync.reconcile.models import ALL, OPEN, RUNNING, STOPPED, Comparison

EVERY = timedelta(days=7)


def begin(connection: Connection, *, extent: str, actor: Actor) -> Comparison:
    """Compare all linked records, or the open ones. Raises Conflict while another comparison runs or the
    connection rests."""
    from webapp.sync.reconcile.tasks import go_on  # tasks stand above

    if connection.state not in PULLABLE:
        raise Conflict(gettext("This connection is paused. Resume it first."))
    session = db.session()
    # The connection's row keeps two people from beginning at once.
    session.execute(select(Connection.id).where(Connection.id == connection.id).with_for_update())
    if running_of(connection.id) is not None:
        raise Conflict(gettext("A comparison is running already."))
    now = clock.now()
    comparison = Comparison(
        connection_id=connection.id,
        extent=extent,
        started_by=actor.name,
        phase="list" if extent == ALL or not _is_asked_by_id(connection) else "links",
        until=now + timedelta(seconds=connection.skew_seconds or 0),
        next_at=now,
        total=_count(connection.id, extent),
        started_at=now,
    )
    session.add(comparison)
    session.flush()
    fact = ReconcileStarted(
        subject_id=connection.id,
        name=connection.name,
        extent=gettext("all") if extent == ALL else gettext("open ones"),
    )
    record(fact, actor=actor)
    enqueue(go_on, comparison.id, queue="pull")
    progress.announce(connection.id, at_once=True)
    return comparison


def _is_asked_by_id(connection: Connection) -> bool:
    """Whether a record can be asked for by its id, so that one left out of a list is not taken to be missing."""
    shape = declared(connection).shape
    ways = shape.list.incremental
    return shape.get is not None or any(
        isinstance(way, CreatedWindow) and way.id_param for way in ways
    )


def stop(connection: Connection, *, actor: Actor) -> bool:
    """End the running comparison after its present batch; what it found stays. False: none is running."""
    running = running_of(connection.id)
    if running is None:
        return False
    now = clock.now()
    done: Any = db.session().execute(
        update(Comparison)
        .where(Comparison.id == running, Comparison.state == RUNNING)
        .values(state=STOPPED, ended_at=now, lease_token=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount:
        reason = gettext("stopped by %(name)s", name=actor.name)
        fact = ReconcileStopped(subject_id=connection.id, name=connection.name, reason=reason)
        record(fact, actor=actor)
        progress.announce(connection.id, at_once=True)
    return bool(done.rowcount)


def begin_weekly() -> int:
    """Open records of connections that nobody has compared for a week. Gives how many were begun."""
    now = clock.now()
    recent = select(Comparison.connection_id).where(
        or_(Comparison.state == RUNNING, Comparison.started_at > now - EVERY)
    )
    found = db.session().scalars(
        select(Connection)
        .where(
            Connection.state == "active",
            Connection.created_at <= now - EVERY,
            Connection.id.not_in(recent),
        )
        .order_by(Connection.id)
    )
    begun = 0
    for connection in found.all():
        if _count(connection.id, OPEN):
            begin(connection, extent=OPEN, actor=SYSTEM)
            begun += 1
    return begun


def due() -> Sequence[int]:
    """Running comparisons that nobody holds and whose time has come."""
    now = clock.now()
    return (
        db.session()
        .scalars(
            select(Comparison.id)
            .join(Connection, Connection.id == Comparison.connection_id)
            .where(
                Comparison.state == RUNNING,
                Comparison.next_at <= now,
                Connection.state.in_(PULLABLE),
                or_(Connection.not_before.is_(None), Connection.not_before <= now),
                or_(Comparison.lease_token.is_(None), Comparison.lease_until <= now),
            )
        )
        .all()
    )


def running_of(connection_id: int) -> int | None:
    """The id of the running comparison."""
    return db.session().scalar(
        select(Comparison.id)
        .where(Comparison.connection_id == connection_id, Comparison.state == RUNNING)
        .limit(1)
    )


def _count(connection_id: int, extent: str) -> int:
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state != "gone")
    if extent == OPEN:
        query = query.where(Link.upstream_open.is_(True))
    return db.session().scalar(query) or 0
