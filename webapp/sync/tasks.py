"""Background entry points. Safe to run twice, and at once: SQL decides who pulls what."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from webapp.core import clock, db, slow
from webapp.sync import leases, progress, tokens
from webapp.sync.models import Connection, road_of
from webapp.sync.pull.loop import pull
from webapp.sync.pull.opening import close_left_over
from webapp.sync.waking import wake


def pull_connection(connection_id: int, trigger: str = "schedule") -> None:
    """Pull one connection if it is due and nobody else does."""
    if slow.is_misplaced(road_of(connection_id)):
        wake(connection_id, trigger=trigger)
    else:
        pull(connection_id, trigger=trigger)


def tick() -> None:
    """Every ten seconds."""
    release_expired_leases()
    tick_due_connections()


def care() -> None:
    """Every minute: what nobody asks for and somebody must mind."""
    from webapp.sync.actions import caring  # here, since a pull needs neither
    from webapp.sync.mapping import jobs

    with db.transaction():
        tokens.purge()
        caring.warn_of_tokens()
        caring.mind_failing()
    jobs.sweep()


def release_expired_leases() -> None:
    """Pulls whose worker died go on at once from the place that their last page saved."""
    with db.transaction() as session:
        now = clock.now()
        for connection_id, token in leases.expired(session, now=now):
            released = session.execute(
                update(Connection)
                .where(Connection.id == connection_id, Connection.lease_token == token)
                .values(lease_token=None, lease_until=None, next_pull_at=now)
                .execution_options(synchronize_session=False)
            )
            if getattr(released, "rowcount", 0):
                close_left_over(connection_id, now=now)
                progress.announce(connection_id, at_once=True)


def tick_due_connections() -> None:
    """Nudge a worker for each connection that is due. A second nudge finds nothing due."""
    with db.transaction() as session:
        now = clock.now()
        due = session.scalars(
            select(Connection.id).where(
                Connection.next_pull_at <= now,
                Connection.state.in_(leases.PULLABLE),
                or_(Connection.not_before.is_(None), Connection.not_before <= now),
                or_(Connection.lease_token.is_(None), Connection.lease_until <= now),
            )
        ).all()
        for connection_id in due:
            wake(connection_id, trigger="schedule")


def pull_now(connection_id: int) -> str | None:
    """Pull in this process, due or not (the command line). The state of the run; None: it rests or is
    being pulled by somebody else."""
    with db.transaction() as session:
        session.execute(
            update(Connection)
            .where(Connection.id == connection_id, Connection.state.in_(leases.PULLABLE))
            .values(next_pull_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    return pull(connection_id, trigger="manual")
