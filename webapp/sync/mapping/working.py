"""The background work itself. A dry run reads and counts; an application merges stored payloads anew."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.core.errors import AppError, RemoteError
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync import actions, replaying
from webapp.sync.connections import Access, access_of
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.events import DryRunDone, MappingApplied
from webapp.sync.mapping import jobs
from webapp.sync.mapping.comparing import WRONG, compare, scope_by
from webapp.sync.models import Connection, Link, Quarantine
from webapp.sync.pull import changing, problems
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope, Tally
from webapp.sync.subjects import Local

log = logging.getLogger(__name__)

BATCH = 100  # stored payloads read again in one transaction
BUDGET_S = 600.0
MOST_NAMED = 50  # reasons and values listed in a report


def run_job(job_id: int) -> None:
    """Queue entry point. Safe to run twice: one worker claims the job."""
    with db.transaction():
        job = jobs.claim(job_id)
        if job is None:
            return
        mine = Mine(job.id, job.token, job.connection_id, job.by, job.place, dict(job.counts))
        kind, most_pages = job.kind, job.most_pages
    try:
        if kind == jobs.DRY_RUN:
            _dry_run(mine, most_pages)
        else:
            _apply(mine)
    except jobs.Taken:
        return
    except AppError as error:
        _failed(mine, error)
    except Exception:
        _failed(mine, AppError(gettext("An internal problem ended it; it is in the log.")))
        raise


@dataclass
class Mine:
    """A claimed job, as plain values."""

    id: int
    token: str
    connection_id: int
    by: str
    place: int
    counts: dict[str, Any]

    @property
    def actor(self) -> Actor:
        return Actor("user", None, self.by)

    def write(self, **values: Any) -> None:
        jobs.write(self.id, self.token, self.connection_id, **values)

    def end(self, *, state: str, **values: Any) -> None:
        jobs.end(self.id, self.token, self.connection_id, state=state, **values)


@dataclass
class Seen:
    """What a dry run has come to so far."""

    pages: int = 0
    is_whole: bool = True
    records: int = 0
    total: int | None = None
    what: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def values(self) -> dict[str, Any]:
        return {
            "pages": self.pages,
            "records": self.records,
            "total": self.total,
            "counts": dict(self.what),
            "reasons": dict(self.reasons.most_common(MOST_NAMED)),
            "unmapped": [[*pair, n] for pair, n in self.unmapped.most_common(MOST_NAMED)],
        }


def _dry_run(mine: Mine, most_pages: int) -> None:
    """Read up to so many pages as the first pull would; nothing but the report is written."""
    with db.transaction() as session:
        connection = session.get_one(Connection, mine.connection_id)
        access = access_of(connection)
        scope, name = scope_by(connection, access), connection.name
    most = most_pages or jobs.MOST_PAGES
    try:
        seen = _seen_with(mine, access, scope, most)
    except RemoteError as error:
        if error.kind != "unauthorized" or not access.fallback:
            raise
        seen = _seen_with(mine, access.with_fallback(), scope, most)  # as a pull does
    state = jobs.OK if seen.is_whole else jobs.PARTIAL
    with db.transaction():
        mine.end(state=state, **seen.values())
        fact = DryRunDone(
            subject_id=mine.connection_id, name=name, state=state, records=seen.records
        )
        record(fact, actor=mine.actor)


def _seen_with(mine: Mine, access: Access, scope: Scope, most: int) -> Seen:
    """What a token sees of their list, up to so many pages."""
    seen, ids, end = Seen(), set[str](), time.monotonic() + BUDGET_S
    with access.engine() as engine:
        for page in engine.pages():
            seen.pages += 1
            seen.total = page.total if page.total is not None else seen.total
            with db.transaction():
                _look_at(scope, page.items, engine.mapping, seen=seen, ids=ids)
                mine.write(**seen.values())
            db.session().expunge_all()
            if not page.is_last and (seen.pages >= most or time.monotonic() > end):
                seen.is_whole = False
                break
    return seen


def _look_at(
    scope: Scope, items: Sequence[Any], mapping: CompiledMapping, *, seen: Seen, ids: set[str]
) -> None:
    reading = read(items, mapping, now=clock.now())
    pairs = _pairs(scope, [row.external_id for row in reading.rows])
    seen.records += len(items)
    seen.what["double"] += reading.doubles
    for bad in reading.bad:
        seen.what[WRONG] += 1
        seen.reasons[bad.reason] += 1
    for row in reading.rows:
        if row.external_id in ids:
            seen.what["double"] += 1
            continue
        ids.add(row.external_id)
        link, local = pairs.get(row.external_id, (None, None))
        compared = compare(scope, row, link, local)
        seen.what[compared.what] += 1
        if compared.what == WRONG:
            seen.reasons[compared.reason] += 1
        seen.unmapped.update(row.unmapped)


def _pairs(scope: Scope, external_ids: Sequence[str]) -> dict[str, tuple[Link, Local]]:
    query = select(Link).where(
        Link.connection_id == scope.connection_id,
        Link.kind == scope.kind,
        Link.external_id.in_(external_ids),
    )
    links = db.session().scalars(query).all()
    found = scope.subject.load([link.local_id for link in links])
    return {
        link.external_id: (link, found[link.local_id]) for link in links if link.local_id in found
    }


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
            mine.write(
                place=mine.place, counts=mine.counts, records=mine.counts["records"], total=total
            )
        db.session().expunge_all()
    with db.transaction() as session:
        connection = session.get_one(Connection, mine.connection_id, populate_existing=True)
        waiting = session.scalar(_how_many_wrong(connection.id))
        if waiting:
            solved, wrong = actions.retry_quarantined(connection, actor=mine.actor)
            mine.counts |= {"created": solved, "still_wrong": wrong}
        mine.end(state=jobs.OK, counts=mine.counts)
        fact = MappingApplied(
            subject_id=connection.id,
            name=connection.name,
            records=mine.counts.get("records", 0),
            updated=mine.counts.get("updated", 0),
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
            mine.counts = jobs.counted(mine.counts, wrong=1)
            continue
        # As of when it was read: should we have pushed since, the record is asked for anew instead.
        bad = changing.change(scope, reading.rows, seq=link.applied_fetch_seq, now=now, tally=tally)
        problems.keep(scope, bad, now=now)
        problems.list_unmapped(scope, reading.rows, now=now)
        mine.counts = jobs.counted(mine.counts, wrong=len(bad))
    mine.counts = jobs.counted(
        mine.counts,
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


def _how_many_wrong(connection_id: int) -> Any:
    return select(func.count()).where(
        Quarantine.connection_id == connection_id, Quarantine.state == "open"
    )


def _failed(mine: Mine, error: AppError) -> None:
    db.session().rollback()
    advice = error.advice if isinstance(error, RemoteError) else ""
    try:
        with db.transaction():
            mine.end(state=jobs.FAILED, error=error.message, advice=advice)
    except jobs.Taken:
        log.info("A mapping job had ended already.")
