"""The beginning of a run: the lease, the window, the place to go on from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.core.breaker import Breaker
from webapp.outbox import roads
from webapp.sync import leases, progress, runs, subjects
from webapp.sync.connections import Access, access_of, shape_of
from webapp.sync.connectors.declaration import CreatedWindow, Incremental
from webapp.sync.connectors.plan import parts, plan_of
from webapp.sync.health import ADVICE
from webapp.sync.models import EVERYTHING, Connection, Link, Run
from webapp.sync.pull.cursor import Cursor
from webapp.sync.pull.scope import Scope
from webapp.sync.push.queueing import pushed_fields
from webapp.sync.statistics import totals

SWEEP = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Opened:
    """A run under way: plain values. `seq`: that of the page about to be asked for."""

    scope: Scope
    access: Access
    token: str
    run_id: int
    cursor: Cursor
    seq: int
    watermark: datetime | None
    interval: timedelta
    failures: int
    had_records: bool
    road: str  # its name in outbox.roads
    breaker: Breaker


def open_run(connection_id: int, *, trigger: str) -> Opened | None:
    """Claim the connection and write the run. None when there is nothing to do for us.

    Raises Misconfigured when the token cannot be read (and nothing is claimed).
    """
    with db.transaction() as session:
        now = clock.now()
        token = leases.claim(session, connection_id, now=now)
        if token is None:
            return None
        connection = session.get_one(Connection, connection_id, populate_existing=True)
        access = access_of(connection)
        close_left_over(connection_id, now=now)
        cursor = _asked(connection, access, now=now) or Cursor.from_json(connection.cursor)
        if cursor is None:
            cursor = _new_window(connection, access, now=now)
        run = runs.begin(
            session,
            connection,
            trigger=trigger,
            token=token,
            since=cursor.since,
            until=cursor.until,
            now=now,
        )
        seq = connection.fetch_seq + 1
        # Whoever asks for a sync while this one runs sets the time anew, and the end of the run keeps it.
        leases.hold(session, connection_id, token, now=now, next_pull_at=None, fetch_seq=seq)
        progress.announce(connection_id, at_once=True)
        return Opened(
            scope=scope_of(connection, access, run_id=run.id),
            access=access,
            token=token,
            run_id=run.id,
            cursor=cursor,
            seq=seq,
            watermark=connection.watermark,
            interval=timedelta(minutes=connection.interval_minutes),
            failures=connection.failures,
            had_records=_has_links(connection_id),
            road=connection.pull_road,
            breaker=roads.breaker_of(connection.pull_road),
        )


def scope_of(connection: Connection, access: Access, *, run_id: int | None = None) -> Scope:
    shape = shape_of(access.declaration, access.shape, access.options)
    return Scope(
        connection_id=connection.id,
        name=connection.name,
        subject=subjects.of(access.declaration.target),
        run_id=run_id,
        kind=access.declaration.record[:30],
        children=tuple(shape.children),
        pushed=pushed_fields(connection, access.declaration.record),
        projection=access.projection(),
        owners=access.owners(),
        skew=connection.skew_seconds,
        marks_seen=_marks_seen(access),
        lists_all=_incremental(access).kind == "full" and _can_ask(access),
        again=frozenset(
            field for call in shape.push.values() if call.again for field in call.fields
        ),
    )


def close_left_over(connection_id: int, *, now: datetime) -> None:
    """A run whose worker died is over; its records and its place are kept."""
    session = db.session()
    closed = session.scalars(
        update(Run)
        .where(Run.connection_id == connection_id, Run.state == runs.RUNNING)
        .values(
            state=runs.FAILED,
            error_kind="interrupted",
            error=gettext("The worker stopped in the middle of it."),
            advice=str(ADVICE["interrupted"]),
            ended_at=now,
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    ).all()
    totals.add(session, closed)


def _asked(connection: Connection, access: Access, *, now: datetime) -> Cursor | None:
    """The window that a person asked for, unless it is the one to go on with.

    It never begins after the ordinary one, which it replaces: the watermark moves with it.
    """
    wanted, going = connection.reread_from, Cursor.from_json(connection.cursor)
    if wanted is None or (going is not None and going.asked == wanted.isoformat()):
        return None
    window = _new_window(connection, access, now=now)
    whole = wanted <= EVERYTHING or window.since is None
    since = None if whole or window.since is None else min(window.since, wanted)
    return replace(window, since=since, asked=wanted.isoformat())


def _new_window(connection: Connection, access: Access, *, now: datetime) -> Cursor:
    """All of it the first time; then what changed since the watermark, and a while before it.

    The first pull of a day looks back further, for what became visible later than any overlap allows for.
    """
    skew = timedelta(seconds=connection.skew_seconds or 0)
    since, last = connection.watermark, connection.last_success_at
    if since is not None:
        is_first_today = last is None or last.date() < now.date()
        since -= SWEEP if is_first_today else timedelta(minutes=connection.overlap_minutes)
        since = min(since, _oldest_open(connection, access) or since)
    return Cursor(since=since, until=now + skew, began=connection.fetch_seq + 1)


def _oldest_open(connection: Connection, access: Access) -> datetime | None:
    """Where changes are not listed, the window must reach back to the oldest record still open."""
    if _repoll(access) != "window":
        return None
    subject = subjects.of(access.declaration.target)
    return subject.oldest(
        select(Link.local_id).where(
            Link.connection_id == connection.id,
            Link.local_kind == subject.kind,
            Link.upstream_open.is_(True),
            Link.state == "linked",
        )
    )


def _repoll(access: Access) -> str:
    incremental = _incremental(access)
    return incremental.repoll if isinstance(incremental, CreatedWindow) else ""


def _marks_seen(access: Access) -> bool:
    """Records are missed where all are listed each time, and asked for where open ones are."""
    return _incremental(access).kind == "full" or _repoll(access) == "ids"


def _can_ask(access: Access) -> bool:
    plan = plan_of(access.declaration, access.options.get("plan"), access.shape)
    return access.declaration.shape(plan.shape).get is not None


def _incremental(access: Access) -> Incremental:
    plan = plan_of(access.declaration, access.options.get("plan"), access.shape)
    _auth, _paging, incremental = parts(access.declaration.shape(plan.shape), plan)
    return incremental


def _has_links(connection_id: int) -> bool:
    found = db.session().scalar(select(Link.id).where(Link.connection_id == connection_id).limit(1))
    return found is not None
