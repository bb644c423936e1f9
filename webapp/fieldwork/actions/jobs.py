"""A job is made, changed, moved, given to a crew, or taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.core.once import once
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.fieldwork.actions.telling import named, told
from webapp.fieldwork.events import JobAssigned, JobCreated, JobDeleted, JobEdited, JobMoved
from webapp.fieldwork.models import Crew, Employee, Job, JobItem, JobPart
from webapp.fieldwork.parts import part_of
from webapp.fieldwork.states import DONE, FINISHED, PLANNED, WORKING, check_move
from webapp.tickets.models import Ticket
from webapp.tickets.values import as_text

PLAIN = (
    "title", "description", "place", "barangay", "lat", "lng", "starts_at", "ends_at", "skill",
    "priority", "resolves_ticket",
)  # fmt: skip


def create_job(
    values: Mapping[str, Any],
    *,
    actor: Actor,
    crew: Sequence[Employee] = (),
    ticket: Ticket | None = None,
    checklist: Sequence[str] = (),
    parts: Sequence[str] = (),
    source: str = "hand",
    client_uuid: str | None = None,
    recurring: tuple[int, date] | None = None,
) -> tuple[Job, bool]:
    """The job, and whether it is new: sent again under the same `client_uuid` it is the one that stands."""
    key = client_uuid or secrets.token_urlsafe(16)
    made = {name: values[name] for name in PLAIN if name in values}
    job, is_new = once(
        Job, key, by="client_uuid", make=lambda: _new(made, key, ticket, recurring, clock.now())
    )
    if not is_new:
        return job, False
    check_window(job)
    job.ref = f"J-{job.created_at.year}-{job.id:06d}"
    job.items = [JobItem(position=at, text=text) for at, text in enumerate(checklist, start=1)]
    job.parts = [JobPart(name=name, planned=many) for many, name in map(part_of, parts)]
    db.session().flush()
    told(JobCreated, job, actor, source=source, ticket_id=job.ticket_id)
    if crew:
        assign_crew(job, crew, actor=actor)
    return job, True


def edit_job(
    job: Job, values: Mapping[str, Any], *, actor: Actor, ticket: Ticket | None = None
) -> Event | None:
    """Set the plain fields that `values` names, and `ticket` where it names "ticket". None where nothing changes."""
    changes: dict[str, list[str | None]] = {}
    for field in (name for name in PLAIN if name in values):
        old, new = getattr(job, field), values[field]
        if new != old:
            setattr(job, field, new)
            changes[field] = [as_text(old), as_text(new)]
    tickets = {job.ticket_id}
    if "ticket" in values and (ticket.id if ticket else None) != job.ticket_id:
        changes["ticket"] = [job.ticket.ref if job.ticket else None, ticket.ref if ticket else None]
        job.ticket, job.ticket_id = ticket, ticket.id if ticket else None
        tickets.add(job.ticket_id)
    if not changes:
        return None
    check_window(job)
    ids = sorted(key for key in tickets if key is not None)
    return told(JobEdited, job, actor, changes=changes, ticket_ids=ids)


def assign_crew(job: Job, crew: Sequence[Employee], *, actor: Actor) -> Event | None:
    """Those and nobody else do it. None where they are it already."""
    before = {one.employee_id: one.employee for one in job.crew}
    after = {each.id: each for each in crew}
    if before.keys() == after.keys():
        return None
    old = named(before.values())
    job.crew = [one for one in job.crew if one.employee_id in after]
    job.crew += [
        Crew(job_id=job.id, employee_id=key, employee=each)
        for key, each in after.items()
        if key not in before
    ]
    db.session().flush()
    return told(
        JobAssigned,
        job,
        actor,
        old=old,
        new=named(after.values()),
        added=_accounts(after, before),
        removed=_accounts(before, after),
    )


def move_job(
    job: Job,
    state: str,
    *,
    actor: Actor,
    reason: str = "",
    resolve: bool | None = None,
    plans: bool = True,
) -> Event | None:
    """To `state`. None where it is there. `resolve`: whether its ticket is resolved when it is done; None: as
    the job says. `plans`: asked by somebody who plans. Raises IllegalTransition, Invalid."""
    if state == job.state:
        return None
    check_move(job.state, state, reason=reason, plans=plans)
    old, now = job.state, clock.now()
    job.state = state
    job.reason = reason.strip()
    job.finished_at = now if state in FINISHED else None
    if state == WORKING and job.begun_at is None:
        job.begun_at = now
    wanted = job.resolves_ticket if resolve is None else resolve
    resolves = state == DONE and job.ticket_id is not None and wanted
    return told(
        JobMoved,
        job,
        actor,
        old=old,
        new=state,
        reason=as_text(job.reason) or "",
        ticket_id=job.ticket_id,
        resolves=resolves,
    )


def delete_job(job: Job, *, actor: Actor) -> None:
    """Raises Conflict for one that somebody has begun: that one can be cancelled, and keeps its history."""
    if job.state != PLANNED or job.begun_at or job.files:
        raise Conflict(gettext("Work on it has begun, so it stays. Cancel it instead."))
    accounts = [each.user_id for each in job.people if each.user_id]
    fact = JobAssigned(
        subject_id=job.id, ref=job.ref, title=job.title, old=named(job.people), new="",
        removed=accounts,
    )  # fmt: skip
    if job.crew:
        record(fact, actor=actor)
    gone = JobDeleted(subject_id=job.id, ref=job.ref, title=job.title, ticket_id=job.ticket_id)
    record(gone, actor=actor)
    db.session().delete(job)
    db.session().flush()


def check_window(job: Job) -> None:
    """Raises Invalid where the times, or the two degrees, do not go together."""
    if job.ends_at and not job.starts_at:
        words = gettext("Say from when, too.")
        raise Invalid(words, fields={"starts_at": words})
    if job.ends_at and job.starts_at and job.ends_at <= job.starts_at:
        words = gettext("This must be later than its beginning.")
        raise Invalid(words, fields={"ends_at": words})
    if (job.lat is None) != (job.lng is None):
        words = gettext("A place on the map has both, latitude and longitude.")
        raise Invalid(words, fields={"lat" if job.lat is None else "lng": words})


def _new(
    made: Mapping[str, Any],
    key: str,
    ticket: Ticket | None,
    recurring: tuple[int, date] | None,
    now: datetime,
) -> Job:
    number, day = recurring or (None, None)
    return Job(
        **made,
        ref=secrets.token_hex(8),  # its own one comes of its key
        client_uuid=key,
        ticket_id=ticket.id if ticket else None,
        recurring_id=number,
        recurring_on=day,
        created_at=now,
        updated_at=now,
    )


def _accounts(some: Mapping[int, Employee], without: Mapping[int, Employee]) -> list[int]:
    return [each.user_id for key, each in some.items() if key not in without and each.user_id]
