"""Jobs that come round again: their rules, and the jobs made of them, once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webapp.core import clock, db
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.fieldwork.actions.jobs import create_job
from webapp.fieldwork.events import RecurringJobChanged
from webapp.fieldwork.models import Employee, Job, RecurringJob
from webapp.fieldwork.recurring import Rule, days_of

FIELDS = (
    "title", "description", "place", "barangay", "lat", "lng", "skill", "priority", "checklist",
    "crew", "every", "step", "weekdays", "first_on", "last_on", "begins", "minutes", "days_ahead",
    "active",
)  # fmt: skip


def create_recurring(values: Mapping[str, Any], *, actor: Actor) -> RecurringJob:
    made = RecurringJob(created_at=clock.now(), **_fields(values))
    db.session().add(made)
    db.session().flush()
    _tell(made, "made", actor)
    return made


def edit_recurring(recurring: RecurringJob, values: Mapping[str, Any], *, actor: Actor) -> None:
    """Holds for what is made from now on; jobs that were made stay as they are. A new rhythm
    is looked at from today."""
    before = rule_of(recurring)
    for name, value in _fields(values).items():
        setattr(recurring, name, value)
    if rule_of(recurring) != before:
        recurring.made_until = None
    db.session().flush()
    _tell(recurring, "changed", actor)


def remove_recurring(recurring: RecurringJob, *, actor: Actor) -> None:
    """Its jobs stay."""
    _tell(recurring, "removed", actor)
    db.session().delete(recurring)
    db.session().flush()


def make_due_jobs(recurring: RecurringJob, *, zone: ZoneInfo) -> list[Job]:
    """Those that are due, from today on: what passed while nothing ran is not made up for.

    Run twice, or by two workers at once, it makes each once: a rule and a day have one job.
    """
    today = clock.now().astimezone(zone).date()
    last = today + timedelta(days=recurring.days_ahead)
    made = [
        job
        for day in days_of(rule_of(recurring), first=today, last=last)
        if (job := _made_for(recurring, day, zone)) is not None
    ]
    recurring.made_until = last
    return made


def rule_of(recurring: RecurringJob) -> Rule:
    return Rule(
        every=recurring.every,
        first_on=recurring.first_on,
        step=recurring.step,
        weekdays=frozenset(recurring.weekdays),
        last_on=recurring.last_on,
    )


def _made_for(recurring: RecurringJob, day: date, zone: ZoneInfo) -> Job | None:
    """None where it was made before, also when somebody deleted it since then."""
    if recurring.made_until is not None and day <= recurring.made_until:
        return None
    hour, minute = map(int, recurring.begins.split(":"))
    begins = datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)
    copied = ("title", "description", "place", "barangay", "lat", "lng", "skill", "priority")
    job, is_new = create_job(
        {
            **{name: getattr(recurring, name) for name in copied},
            "starts_at": begins,
            "ends_at": begins + timedelta(minutes=recurring.minutes),
        },
        actor=SYSTEM,
        crew=_crew_of(recurring.crew),
        checklist=recurring.checklist,
        source="recurring",
        client_uuid=f"recurring-{recurring.id}-{day.isoformat()}",
        recurring=(recurring.id, day),
    )
    return job if is_new else None


def _crew_of(ids: Sequence[int]) -> list[Employee]:
    query = select(Employee).where(Employee.id.in_(ids), Employee.active).order_by(Employee.id)
    return list(db.session().scalars(query))


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in FIELDS if name in values}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in found.items()}


def _tell(recurring: RecurringJob, what: str, actor: Actor) -> None:
    fact = RecurringJobChanged(subject_id=recurring.id, title=recurring.title, what=what)
    record(fact, actor=actor)
