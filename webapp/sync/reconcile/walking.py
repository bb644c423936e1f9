"""A comparison under way: a batch is asked for with no transaction open, compared and saved in one.

All records: first along the upstream's own list, which also shows what is missing here; then what the list did not
show is asked for by id. Open ones: by id alone. At last what belongs to them, a few parents at a time. Killed
anywhere, it repeats at most one batch.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select, update

from webapp.core import clock, db
from webapp.core.errors import AppError, RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.sync import leases, progress, tokens
from webapp.sync.connections import Access, Sleep, access_of
from webapp.sync.connectors.engine import Engine
from webapp.sync.events import Reconciled, ReconcileStopped
from webapp.sync.models import Connection
from webapp.sync.pull.opening import scope_of
from webapp.sync.pull.scope import Scope
from webapp.sync.reconcile import asking, families, noting
from webapp.sync.reconcile.models import DONE, FAILED, RUNNING, Comparison

LEASE = timedelta(seconds=90)
TURN_S = 120.0
MOST_STUMBLES = 8
BATCH, BATCH_OF_CALLS = 50, 5  # ids asked for in one call; or in a call each
PASSING = ("network", "dns", "timeout", "server", "rate_limited")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one worker holds: plain values."""

    id: int
    token: str
    extent: str
    scope: Scope
    access: Access
    sleep: Sleep


def compare(comparison_id: int, *, sleep: Sleep = time.sleep, turn_s: float = TURN_S) -> bool:
    """Go on for one turn. True: there is more to do, and it may be done at once."""
    turn = _begin(comparison_id, sleep)
    if turn is None:
        return False
    try:
        return _walk(turn, end=time.monotonic() + turn_s)
    except leases.Fenced:
        return False
    except RemoteError as error:
        _stumble(turn, error)
    except AppError as error:
        _fail(turn, error.message, "")
    return False


def _walk(turn: Turn, *, end: float) -> bool:
    """With the token in use; where it is refused, with the one before it, as pulls do."""
    try:
        return _go(turn, end=end)
    except RemoteError as error:
        if error.kind != "unauthorized" or not turn.access.fallback:
            raise
    before = replace(turn, access=turn.access.with_fallback())
    more = _go(before, end=end)
    with db.transaction():
        tokens.fell_back(turn.scope.connection_id)
    return more


def _go(turn: Turn, *, end: float) -> bool:
    with turn.access.engine(sleep=turn.sleep) as engine:
        while _batch(turn, engine):
            if time.monotonic() > end:
                _let_go(turn, next_at=clock.now())
                return True
    _finish(turn)
    return False


def _begin(comparison_id: int, sleep: Sleep) -> Turn | None:
    """Claim it. None: it is over, not due, held by another, or its connection rests."""
    token = secrets.token_hex(16)
    with db.transaction() as session:
        now = clock.now()
        won: Any = session.execute(
            update(Comparison)
            .where(
                Comparison.id == comparison_id,
                Comparison.state == RUNNING,
                Comparison.next_at <= now,
                or_(Comparison.lease_token.is_(None), Comparison.lease_until <= now),
            )
            .values(lease_token=token, lease_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        if won.rowcount != 1:
            return None
        row = session.get_one(Comparison, comparison_id, populate_existing=True)
        connection = session.get_one(Connection, row.connection_id, populate_existing=True)
        until = connection.not_before
        if connection.state not in leases.PULLABLE or (until is not None and until > now):
            row.lease_token = row.lease_until = None
            row.next_at = max(until or now, now + timedelta(seconds=30))
            return None
        try:
            access = access_of(connection)
        except AppError as error:
            _close(row, connection, FAILED, error.message, "")
            return None
        return Turn(row.id, token, row.extent, scope_of(connection, access), access, sleep)


def _batch(turn: Turn, engine: Engine) -> bool:
    """One page or one batch of ids. False: all is compared."""
    with db.transaction() as session:
        row = _held(turn)
        phase, position, until, after = row.phase, row.position, row.until, row.after_link
        seq = session.scalar(
            select(Connection.fetch_seq).where(Connection.id == turn.scope.connection_id)
        )
        asked = noting.Asked(clock.now(), seq or 0)
        size = BATCH if engine.batches_ids else BATCH_OF_CALLS
        wanted = (
            noting.next_links(turn.scope, turn.id, extent=turn.extent, after=after, limit=size)
            if phase == "links"
            else []
        )
    if phase == "children":
        return _families(turn, after, asked)
    before = engine.requests
    missing: Sequence[str] = ()
    found: Sequence[Any]
    if phase == "list":
        found, saved = asking.page(engine, position, until)
    elif wanted:
        found, missing = asking.by_id(engine, [each.external_id for each in wanted])
        saved = {"after_link": wanted[-1].link_id}
    elif families.apart(turn.access):
        found, saved = (), {"phase": "children", "after_link": 0}
    else:
        return False
    with db.transaction():
        row = _held(turn)
        tally = noting.note(
            turn.scope, turn.id, found, missing, mapping=engine.mapping, asked=asked
        )
        _count(row, tally, requests=engine.requests - before)
        within = families.inside(turn.access, turn.scope, found, engine.mapping)
        _count(row, families.note_all(within, turn.id, asked=asked), requests=0)
        for name, value in saved.items():
            setattr(row, name, value)
        progress.announce(turn.scope.connection_id)
    db.session().expunge_all()
    return True


def _families(turn: Turn, after: int, asked: noting.Asked) -> bool:
    """What belongs to the next few records. False: all is compared."""
    with db.transaction():
        parents = families.next_parents(turn.scope, extent=turn.extent, after=after)
    if not parents:
        return False
    found = families.fetched(turn.access, turn.scope, parents, sleep=turn.sleep)
    with db.transaction():
        row = _held(turn)
        tally = families.note_all(found, turn.id, asked=asked)
        _count(row, tally, requests=sum(each.requests for each in found))
        row.after_link = parents[-1]
        progress.announce(turn.scope.connection_id)
    db.session().expunge_all()
    return True


def _count(row: Comparison, tally: noting.Tally, *, requests: int) -> None:
    row.compared += tally.compared
    row.same += tally.same
    row.busy += tally.busy
    row.unreadable += tally.unreadable
    row.requests += requests
    row.stumbles, row.error = 0, ""


def _held(turn: Turn) -> Comparison:
    """The row, locked, its lease made longer. Raises Fenced when it is another's or was stopped."""
    row = db.session().get(Comparison, turn.id, with_for_update=True, populate_existing=True)
    if row is None or row.lease_token != turn.token or row.state != RUNNING:
        raise leases.Fenced
    state = db.session().scalar(
        select(Connection.state).where(Connection.id == turn.scope.connection_id)
    )
    if state not in leases.PULLABLE:  # it goes on when somebody resumes
        raise leases.Fenced
    row.lease_until = clock.now() + LEASE
    return row


def _let_go(turn: Turn, *, next_at: datetime) -> None:
    with db.transaction():
        row = _held(turn)
        row.lease_token = row.lease_until = None
        row.next_at = next_at


def _finish(turn: Turn) -> None:
    with db.transaction() as session:
        row = _held(turn)
        connection = session.get_one(Connection, row.connection_id)
        row.state, row.ended_at = DONE, clock.now()
        row.lease_token = row.lease_until = None
        fact = Reconciled(
            subject_id=connection.id,
            name=connection.name,
            compared=row.compared,
            drift=noting.count_drift(row.id),
        )
        record(fact, actor=SYSTEM)
        progress.announce(connection.id, at_once=True)


def _stumble(turn: Turn, error: RemoteError) -> None:
    """What passes is tried again later, more and more patiently; what does not ends the comparison."""
    with db.transaction() as session:
        try:
            row = _held(turn)
        except leases.Fenced:
            return
        row.stumbles += 1
        if error.kind not in PASSING or row.stumbles > MOST_STUMBLES:
            connection = session.get_one(Connection, row.connection_id)
            _close(row, connection, FAILED, error.message, error.advice)
            return
        wait = max(error.retry_after or 0.0, 10 * 2**row.stumbles * random.uniform(0.8, 1.2))
        row.lease_token = row.lease_until = None
        row.next_at = clock.now() + timedelta(seconds=min(wait, 3600))
        if error.kind == "rate_limited":  # pulls and pushes wait with us
            _wait(turn.scope.connection_id, row.next_at)
        row.error = error.message
        progress.announce(turn.scope.connection_id, at_once=True)


def _wait(connection_id: int, until: datetime) -> None:
    before = Connection.not_before
    db.session().execute(
        update(Connection)
        .where(Connection.id == connection_id, or_(before.is_(None), before < until))
        .values(not_before=until)
        .execution_options(synchronize_session=False)
    )


def _fail(turn: Turn, text: str, advice: str) -> None:
    with db.transaction() as session:
        row = _held(turn)
        _close(row, session.get_one(Connection, row.connection_id), FAILED, text, advice)


def _close(row: Comparison, connection: Connection, state: str, text: str, advice: str) -> None:
    row.state, row.error, row.advice, row.ended_at = state, text, advice, clock.now()
    row.lease_token = row.lease_until = None
    reason = gettext("it failed: %(why)s", why=text)
    fact = ReconcileStopped(subject_id=connection.id, name=connection.name, reason=reason)
    record(fact, actor=SYSTEM)
    progress.announce(connection.id, at_once=True)
