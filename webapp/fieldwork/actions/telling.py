"""What every deed on a job ends with: its time of change, and the fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.fieldwork.events import JobFact
from webapp.fieldwork.models import Employee, Job


def told(kind: type[JobFact], job: Job, actor: Actor, **values: Any) -> Event:
    """The job changed now, which makes its version another one."""
    job.updated_at = clock.now()
    db.session().flush()
    fact = kind(subject_id=job.id, ref=job.ref, title=job.title, **values)
    return record(fact, actor=actor)


def named(people: Iterable[Employee]) -> str:
    return ", ".join(sorted(each.name for each in people))
