"""The rows of background work on a mapping: begun by a person, claimed by one worker, shown as they go."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select, update

from webapp.core import clock, db, queue
from webapp.core.errors import Conflict
from webapp.events.types import Actor
from webapp.sync import progress
from webapp.sync.mapping.models import MappingJob
from webapp.sync.models import Connection

DRY_RUN, APPLY = "dry_run", "apply"
QUEUED, RUNNING, OK, PARTIAL, FAILED = "queued", "running", "ok", "partial", "failed"
MOST_PAGES = 20
SILENCE = timedelta(seconds=90)  # a worker that has said nothing for so long is gone
FORGOTTEN = timedelta(seconds=30)  # queued, and no worker has heard of it


class Taken(Exception):
    """Another worker has the job, or it was ended: whoever holds this stops and writes nothing more."""


def begin(connection: Connection, *, kind: str, actor: Actor, most_pages: int = 0) -> MappingJob:
    """Raises Conflict while one of its kind is at work."""
    present = newest(connection.id, kind)
    if present is not None and not present.is_over:
        raise Conflict(gettext("This is under way already."))
    now = clock.now()
    job = MappingJob(
        connection_id=connection.id,
        kind=kind,
        state=QUEUED,
        by=actor.name,
        most_pages=most_pages,
        created_at=now,
        alive_at=now,
    )
    db.session().add(job)
    db.session().flush()
    _nudge(job.id)
    progress.announce(connection.id, at_once=True)
    return job


def newest(connection_id: int, kind: str) -> MappingJob | None:
    query = (
        select(MappingJob)
        .where(MappingJob.connection_id == connection_id, MappingJob.kind == kind)
        .order_by(MappingJob.id.desc())
        .limit(1)
    )
    return db.session().scalar(query)


def claim(job_id: int) -> MappingJob | None:
    """The job for this worker alone; None when it is another's or over."""
    now, token = clock.now(), secrets.token_hex(16)
    done: Any = db.session().execute(
        update(MappingJob)
        .where(
            MappingJob.id == job_id,
            or_(
                MappingJob.state == QUEUED,
                (MappingJob.state == RUNNING) & (MappingJob.alive_at < now - SILENCE),
            ),
        )
        .values(state=RUNNING, token=token, alive_at=now)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        return None
    return db.session().get_one(MappingJob, job_id, populate_existing=True)


def write(job_id: int, token: str, connection_id: int, **values: Any) -> None:
    """Raises Taken. Heard by open pages."""
    done: Any = db.session().execute(
        update(MappingJob)
        .where(MappingJob.id == job_id, MappingJob.token == token, MappingJob.state == RUNNING)
        .values(alive_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        raise Taken
    progress.announce(connection_id, at_once="state" in values)


def end(job_id: int, token: str, connection_id: int, *, state: str, **values: Any) -> None:
    write(job_id, token, connection_id, state=state, ended_at=clock.now(), **values)


def sweep() -> None:
    """What lost its worker or its message: an application goes on, a dry run is begun anew."""
    now = clock.now()
    with db.transaction() as session:
        lost: Sequence[MappingJob] = session.scalars(
            select(MappingJob).where(
                or_(
                    (MappingJob.state == QUEUED) & (MappingJob.alive_at < now - FORGOTTEN),
                    (MappingJob.state == RUNNING) & (MappingJob.alive_at < now - SILENCE),
                )
            )
        ).all()
        for job in lost:
            _nudge(job.id)


@dataclass
class Mine:
    """A claimed job, as plain values."""

    id: int
    token: str
    connection_id: int
    by: str
    place: int
    counts: dict[str, Any]

    @classmethod
    def of(cls, job: MappingJob) -> Mine:
        return cls(job.id, job.token, job.connection_id, job.by, job.place, dict(job.counts))

    @property
    def actor(self) -> Actor:
        return Actor("user", None, self.by)

    def write(self, **values: Any) -> None:
        write(self.id, self.token, self.connection_id, **values)

    def end(self, *, state: str, **values: Any) -> None:
        end(self.id, self.token, self.connection_id, state=state, **values)


def counted(before: Mapping[str, Any], kind: str, **added: int) -> dict[str, Any]:
    """`before`: kind of record → what → how many."""
    own = Counter(before.get(kind) or {})
    own.update(added)
    return {**before, kind: dict(own)}


def summed(counts: Mapping[str, Any], what: str) -> int:
    return sum(own.get(what, 0) for own in counts.values())


def _nudge(job_id: int) -> None:
    from webapp.sync.mapping.working import run_job  # it stands above this module

    queue.enqueue(run_job, job_id, queue="default")
