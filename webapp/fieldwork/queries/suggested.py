"""Jobs that nobody does yet, each with those who could: what `suggesting` decides is read together here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webapp.core import clock, db
from webapp.fieldwork.models import Employee, Job
from webapp.fieldwork.queries.days import jobs_on, local_today
from webapp.fieldwork.queries.employees import absent_on, active_employees
from webapp.fieldwork.queries.jobs import with_people
from webapp.fieldwork.states import PLANNED
from webapp.fieldwork.suggesting import (
    Candidate,
    Need,
    Place,
    Suggestion,
    hours_on,
    minutes_of,
    suggest,
)
from webapp.targets.hours import read_week

MOST_SHOWN = 50
FRESH = timedelta(hours=2)  # so long a shared position says where somebody is


def unassigned_jobs() -> Sequence[Job]:
    """Planned ones without a crew: as they come due, the most urgent first among those without a time."""
    order = (Job.starts_at.asc().nulls_last(), Job.priority.desc(), Job.id)
    query = with_people(select(Job).where(Job.state == PLANNED, ~Job.crew.any()))
    return db.session().scalars(query.order_by(*order).limit(MOST_SHOWN)).all()


def suggestions_for(jobs: Sequence[Job], zone: ZoneInfo) -> dict[int, list[Suggestion]]:
    """job → who could do it, best first. One that is due at no time is looked at as if today."""
    people = active_employees()
    by_day: dict[date, list[Job]] = {}
    for job in jobs:
        by_day.setdefault(_day_of(job, zone), []).append(job)
    return {
        job.id: suggest(_need_of(job, zone), candidates)
        for day, of_day in by_day.items()
        for candidates in [_candidates(people, day, zone)]
        for job in of_day
    }


def _candidates(people: Sequence[Employee], day: date, zone: ZoneInfo) -> list[Candidate]:
    away = absent_on(day)
    booked: dict[int, list[Job]] = {}
    for job in jobs_on(day, zone):
        for one in job.crew:
            booked.setdefault(one.employee_id, []).append(job)
    return [
        _candidate(each, booked.get(each.id, []), each.id in away, day, zone) for each in people
    ]


def _candidate(
    person: Employee, jobs: Sequence[Job], absent: bool, day: date, zone: ZoneInfo
) -> Candidate:
    week = read_week(person.hours) if any(person.hours.values()) else ()
    return Candidate(
        key=person.id,
        name=person.name,
        skills=frozenset(person.skills),
        areas=frozenset(person.areas),
        place=_place_of(person, jobs, today=day == local_today(zone)),
        absent=absent,
        hours=hours_on(day, week),
        jobs=len(jobs),
        booked=tuple(minutes_of(one.starts_at, one.ends_at, zone) for one in jobs if one.starts_at),
    )


def _need_of(job: Job, zone: ZoneInfo) -> Need:
    minutes = minutes_of(job.starts_at, job.ends_at, zone) if job.starts_at else None
    return Need(job.skill, job.barangay, _on_map(job), _day_of(job, zone), minutes)


def _place_of(person: Employee, jobs: Sequence[Job], *, today: bool) -> Place | None:
    """Where they share that they are, while that is fresh, else their first job of the day that has a place."""
    fresh = person.position_at is not None and clock.now() - person.position_at < FRESH
    if today and person.shares_position and fresh:
        return _on_map(person)
    return next((place for job in jobs if (place := _on_map(job))), None)


def _on_map(thing: Job | Employee) -> Place | None:
    if thing.lat is None or thing.lng is None:
        return None
    return float(thing.lat), float(thing.lng)


def _day_of(job: Job, zone: ZoneInfo) -> date:
    today = local_today(zone)
    return max(job.starts_at.astimezone(zone).date(), today) if job.starts_at else today
