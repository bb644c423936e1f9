"""What a push leaves behind: the values now agreed, our record's history, the state of link and connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, update

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.outbox.channels import Cancelled, Outcome, Settled
from webapp.outbox.models import Delivery
from webapp.sync import merge, progress, subjects, tokens
from webapp.sync.events import (
    ConnectionPaused,
    PushParked,
    RecordPushed,
    UpstreamStateChanged,
)
from webapp.sync.leases import PULLABLE
from webapp.sync.models import Connection, Link
from webapp.sync.pull import deciding
from webapp.sync.push.calling import CONFIRMED, NOTHING, SENT, Pushed, Refused
from webapp.sync.push.queueing import wanted
from webapp.sync.values import in_short

SLOW_DOWN_S = 60.0


def settle(delivery: Delivery, link: Link, outcome: Outcome) -> None:
    connection = db.session().get_one(Connection, link.connection_id, populate_existing=True)
    # The call is over: what was asked for until this moment may be older than it.
    link.last_push_seq = connection.fetch_seq
    match outcome:
        case Pushed():
            _arrived(delivery, link, connection, outcome)
        case Settled():
            if delivery.state == "sent":
                _tell(delivery, link, connection, how=NOTHING)
        case Refused():
            _forget(delivery, link)
            _pause(connection, outcome.message)
        case RemoteError():
            _failed(delivery, link, connection, outcome)
        case Cancelled():
            _forget(delivery, link)
        case _:
            pass  # held: nothing was sent
    db.session().flush()
    progress.announce(connection.id)


def _arrived(delivery: Delivery, link: Link, connection: Connection, answer: Pushed) -> None:
    values = wanted(delivery)
    for field, theirs in answer.conflicts.items():
        deciding.keep_conflict(
            link,
            field,
            base=link.base.get(field),
            ours=values[field],
            theirs=theirs,
            winner=merge.LOCAL,
            now=clock.now(),
        )
    link.base = {**link.base, **values}
    for field, value in values.items():
        left = merge.without(link.sent_values.get(field, ()), value)
        link.sent_values = merge.seen_back(link.sent_values, field, left)
    link.pushed_at = clock.now()
    link.payload_hash = ""  # their record is another one now: the next page is compared in full
    link.upstream_version = answer.version or link.upstream_version
    link.upstream_updated_at = answer.updated_at or link.upstream_updated_at
    _remember_words(link, connection, answer.told)
    if answer.fell_back:
        tokens.fell_back(connection.id)
    how = CONFIRMED if answer.keep.get("how") == CONFIRMED else SENT
    _tell(delivery, link, connection, how=how)


def _remember_words(link: Link, connection: Connection, told: Mapping[str, str]) -> None:
    """Their words for the new values, so that the next pull finds nothing to change."""
    if not told:
        return
    # Somebody may be saving it at this very moment: wait for them, then see what they saved.
    local = subjects.local_of(link, lock=True)
    if local is None:
        return
    link.base = {**link.base, **told}
    subjects.of(link.local_kind).update(local, told, actor=connection.actor)


def _failed(delivery: Delivery, link: Link, connection: Connection, error: RemoteError) -> None:
    if not error.ambiguous:
        _forget(delivery, link)
    if error.kind in ("gone", "not_found") and link.state != "gone":
        link.state, link.upstream_open = "gone", False
        gone = UpstreamStateChanged(
            subject_kind=link.local_kind,
            subject_id=link.local_id,
            connection=connection.name,
            state="gone",
        )
        record(gone, actor=connection.actor)
    if error.kind in ("conflict", "overruled"):
        link.reread, link.payload_hash = True, ""
    if error.kind == "rate_limited" or error.retry_after:
        _wait(connection, error.retry_after or SLOW_DOWN_S)
    if delivery.state == "parked":
        parked = PushParked(
            subject_kind=link.local_kind,
            subject_id=link.local_id,
            connection=connection.name,
            values=_in_short(delivery),
            delivery_id=delivery.id,
            reason=delivery.reason,
        )
        record(parked, actor=SYSTEM)


def _tell(delivery: Delivery, link: Link, connection: Connection, *, how: str) -> None:
    fact = RecordPushed(
        subject_kind=link.local_kind,
        subject_id=link.local_id,
        connection=connection.name,
        values=_in_short(delivery),
        delivery_id=delivery.id,
        how=how,
    )
    record(fact, actor=connection.actor)


def _in_short(delivery: Delivery) -> dict[str, str | None]:
    return {field: in_short(value) for field, value in wanted(delivery).items()}


def _forget(delivery: Delivery, link: Link) -> None:
    """It had no effect, so it will not come back, unless an earlier try of it may have had one."""
    if any(attempt.ambiguous for attempt in delivery.attempts):
        return
    for field, value in wanted(delivery).items():
        left = [each for each in link.sent_values.get(field, ()) if each != value]
        link.sent_values = merge.seen_back(link.sent_values, field, left)


def _pause(connection: Connection, reason: str) -> None:
    """A refused token is refused for pulls as well: a person must look."""
    moved: Any = db.session().execute(
        update(Connection)
        .where(Connection.id == connection.id, Connection.state.in_(PULLABLE))
        .values(state="auth_error", reason=reason, next_pull_at=None)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount:
        fact = ConnectionPaused(
            subject_id=connection.id, name=connection.name, state="auth_error", reason=reason
        )
        record(fact, actor=SYSTEM)


def _wait(connection: Connection, seconds: float) -> None:
    until = clock.now() + timedelta(seconds=seconds)
    db.session().execute(
        update(Connection)
        .where(
            Connection.id == connection.id,
            or_(Connection.not_before.is_(None), Connection.not_before < until),
        )
        .values(not_before=until)
        .execution_options(synchronize_session=False)
    )
