"""What is known of the road to each target: the rows behind core.breaker. A road that was always good has none.

Named as the outbox's targets (mail, connection:3); pulls keep theirs as `pull:3`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import breaker, clock, db
from webapp.core.breaker import Breaker
from webapp.core.errors import AppError, RemoteError
from webapp.core.inserting import insert_new
from webapp.outbox.channels import Answer, Gone, Hold
from webapp.outbox.models import Road


def breaker_of(name: str) -> Breaker:
    return breakers_of([name])[name]


def breakers_of(names: Collection[str]) -> dict[str, Breaker]:
    """All of them with one query, the ones without a row included."""
    rows = db.session().scalars(
        select(Road).where(Road.name.in_(names)).execution_options(populate_existing=True)
    )
    return {name: Breaker() for name in names} | {row.name: _read(row) for row in rows}


def check_open(name: str) -> None:
    """Raises Hold while nothing may be sent there."""
    found = breaker_of(name)
    if breaker.is_open(found, clock.now()):
        raise _hold(found)


def enter(name: str) -> None:
    """Before a call, in the transaction that writes its attempt. After a rest only one caller gets through.

    Raises Hold for the others.
    """
    found, now = breaker_of(name), clock.now()
    if not breaker.wants_probe(found, now):
        return
    going = breaker.probing(found, now)
    won: Any = db.session().execute(
        update(Road)
        .where(Road.name == name, Road.open_until == found.open_until)
        .values(recent=going.recent, open_until=going.open_until)
        .execution_options(synchronize_session=False)
    )
    if won.rowcount != 1:
        raise _hold(breaker_of(name))


def note(name: str, outcome: Answer | Gone | Hold | AppError) -> None:
    """How a call went, in the transaction that closes it; the last row that one touches."""
    if isinstance(outcome, RemoteError) and outcome.kind == "internal":
        return  # our own fault says nothing of the road
    if isinstance(outcome, AppError) and breaker.counts(outcome):
        write(name, breaker.failed(_locked(name), clock.now()))
    elif not _is_good(breaker_of(name)):
        write(name, breaker.succeeded(_locked(name)))


def write(name: str, found: Breaker) -> None:
    """Keep what was decided. A road that was always good gets no row."""
    row = db.session().get(Road, name)
    if row is None:
        if _is_good(found):
            return
        row = _added(name)
    row.recent, row.trips = found.recent, found.trips
    row.open_until, row.failing_since = found.open_until, found.failing_since
    if found.failing_since is None:
        row.warned_at = None
    db.session().flush()


def lift(name: str) -> None:
    """Somebody says that it works again: the next call may try."""
    now = clock.now()
    db.session().execute(
        update(Road)
        .where(Road.name == name, Road.open_until > now)
        .values(open_until=now)
        .execution_options(synchronize_session=False)
    )


def failing_since(names: Collection[str]) -> dict[str, datetime]:
    """Since when nothing has got through, for those of which that is so."""
    found = {name: each.failing_since for name, each in breakers_of(names).items()}
    return {name: since for name, since in found.items() if since is not None}


def long_failing() -> Sequence[Road]:
    """The roads on which nothing has got through for days."""
    return (
        db.session()
        .scalars(
            select(Road)
            .where(Road.failing_since <= clock.now() - breaker.WARN_AFTER)
            .order_by(Road.name)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        .all()
    )


def warned(name: str) -> None:
    """People have been told; they are not told again while it lasts."""
    db.session().execute(update(Road).where(Road.name == name).values(warned_at=clock.now()))


def start_over(name: str) -> None:
    """Somebody begins anew: what has failed so far no longer counts."""
    if db.session().get(Road, name) is not None:
        write(name, Breaker())


def _is_good(found: Breaker) -> bool:
    """Nothing but successes: no row, and no write for one more."""
    return breaker.BAD not in found.recent and found.open_until is found.failing_since is None


def _locked(name: str) -> Breaker:
    row = db.session().get(Road, name, with_for_update=True, populate_existing=True)
    return _read(row or _added(name))


def _added(name: str) -> Road:
    """Two workers may meet here: one adds the row, the other waits for it."""
    insert_new(Road, [{"name": name, "recent": "", "trips": 0}])
    return db.session().get_one(Road, name, with_for_update=True, populate_existing=True)


def _read(row: Road) -> Breaker:
    return Breaker(row.recent, row.trips, row.open_until, row.failing_since)


def _hold(found: Breaker) -> Hold:
    words = gettext("There was no getting through, again and again; it rests, then one is tried.")
    return Hold(words, until=found.open_until)
