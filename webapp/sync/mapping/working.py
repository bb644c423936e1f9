"""The background work itself: which job it is; and an application, which merges stored payloads anew."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.core.errors import AppError, RemoteError
from webapp.events.record import record
from webapp.sync import actions, replaying
from webapp.sync.connections import Access, access_of
from webapp.sync.events import MappingApplied
from webapp.sync.mapping import jobs
from webapp.sync.mapping.dryrun import dry_run
from webapp.sync.mapping.jobs import Mine
from webapp.sync.models import Connection, Link, Quarantine
from webapp.sync.pull import changing, problems
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope, Tally

log = logging.getLogger(__name__)

BATCH = 100  # stored payloads read again in one transaction
MOST_RETRIED = 1000  # records that could not be read


def run_job(job_id: int) -> None:
    """Queue entry point. Safe to run twice: one worker claims the job."""
    with db.transaction():
        job = jobs.claim(job_id)
        if job is None:
            return
        mine = Mine.of(job)
        kind, most_pages = job.kind, job.most_pages
    try:
        if kind == jobs.DRY_RUN:
            dry_run(mine, most_pages)
        else:
            _apply(mine)
    except jobs.Taken:
        return
    except AppError as error:
        _failed(mine, error)
    except Exception:
        _failed(mine, AppError(gettext("An internal problem ended it; it is in the log.")))
        raise


def _apply(mine: Mine) -> None:
    """All stored payloads through the pull's own merge, a batch a transaction; then the problem records."""
    while True:
        with db.transaction() as session:
            connection = session.get_one(Connection, mine.connection_id, populate_existing=True)
            access = access_of(connection)
            links, own_of = _stored(connection.id, after=mine.place), dict[str, Access]()
            if not links:
                break
            for (kind, parent_id), some in groupby(links, key=_family):
                own = own_of[kind] = own_of.get(kind) or access.of_kind(kind)
                _replay(mine, replaying.own_scope(connection, own, parent_id), own, list(some))
            mine.place = links[-1].id
            total = session.scalar(_how_many(connection.id))
            read_so_far = jobs.summed(mine.counts, "records")
            mine.write(place=mine.place, counts=mine.counts, records=read_so_far, total=total)
        db.session().expunge_all()
    with db.transaction() as session:
        connection = session.get_one(Connection, mine.connection_id, populate_existing=True)
        for kind, ids in _waiting(connection.id).items():
            solved, _wrong = actions.retry_quarantined(connection, ids=ids, actor=mine.actor)
            mine.counts = jobs.counted(mine.counts, kind, created=solved)
        mine.end(state=jobs.OK, counts=mine.counts)
        fact = MappingApplied(
            subject_id=connection.id,
            name=connection.name,
            records=jobs.summed(mine.counts, "records"),
            updated=jobs.summed(mine.counts, "updated"),
        )
        record(fact, actor=mine.actor)


def _family(link: Link) -> tuple[str, int | None]:
    """What is read by one mapping and belongs to one record."""
    return link.kind, link.parent_id


def _replay(mine: Mine, scope: Scope, access: Access, links: Sequence[Link]) -> None:
    now, mapping, tally = clock.now(), access.mapping(), Tally()
    for link in links:
        if not link.payload:  # pruned
            continue
        reading = read([link.payload], mapping, now=now)
        if not reading.rows or reading.rows[0].external_id != link.external_id:
            problems.keep(scope, reading.bad, now=now)
            mine.counts = jobs.counted(mine.counts, scope.kind, wrong=1)
            continue
        # As of when it was read: should we have pushed since, the record is asked for anew instead.
        bad = changing.change(scope, reading.rows, seq=link.applied_fetch_seq, now=now, tally=tally)
        problems.keep(scope, bad, now=now)
        problems.list_unmapped(scope, reading.rows, now=now)
        mine.counts = jobs.counted(mine.counts, scope.kind, wrong=len(bad))
    mine.counts = jobs.counted(
        mine.counts,
        scope.kind,
        records=len(links),
        updated=tally.updated,
        same=tally.unchanged,
        deferred=tally.deferred,
        skipped=tally.skipped,
    )


def _stored(connection_id: int, *, after: int) -> Sequence[Link]:
    query = (
        select(Link)
        .where(Link.connection_id == connection_id, Link.id > after, Link.payload.is_not(None))
        .order_by(Link.id)
        .limit(BATCH)
    )
    return db.session().scalars(query).all()


def _how_many(connection_id: int) -> Any:
    return select(func.count()).where(
        Link.connection_id == connection_id, Link.payload.is_not(None)
    )


def _waiting(connection_id: int) -> dict[str, list[int]]:
    """kind → the records that could not be read so far; those of parents come first."""
    query = (
        select(Quarantine.kind, Quarantine.id)
        .where(Quarantine.connection_id == connection_id, Quarantine.state == "open")
        .order_by(Quarantine.parent_id.is_not(None), Quarantine.kind, Quarantine.id)
        .limit(MOST_RETRIED)
    )
    found: dict[str, list[int]] = {}
    for kind, entry_id in db.session().execute(query):
        found.setdefault(kind, []).append(entry_id)
    return found


def _failed(mine: Mine, error: AppError) -> None:
    db.session().rollback()
    advice = error.advice if isinstance(error, RemoteError) else ""
    try:
        with db.transaction():
            mine.end(state=jobs.FAILED, error=error.message, advice=advice)
    except jobs.Taken:
        log.info("A mapping job had ended already.")
