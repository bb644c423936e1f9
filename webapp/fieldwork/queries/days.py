"""Jobs by day: a person's plan, a week, the board, the map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.fieldwork.models import Crew, Employee, Job
from webapp.fieldwork.queries.filters import JobFilters
from webapp.fieldwork.queries.jobs import conditions, midnight, with_people
from webapp.fieldwork.states import CANCELLED, DONE, NOT_POSSIBLE, UNFINISHED

MOST_OF_A_COLUMN = 100
MOST_OF_A_WEEK = 500
MOST_PLACED = 2000
BOARD = (*UNFINISHED, DONE, NOT_POSSIBLE)
NOT_POSSIBLE_DAYS = 7  # so long one stands on the board; one that is done: today


def local_today(zone: ZoneInfo) -> date:
    return clock.now().astimezone(zone).date()


def board(user: User, filters: JobFilters) -> dict[str, Sequence[Job]]:
    """state → its jobs, in the order of their times; finished ones of late."""
    today = midnight(local_today(user.zone), user.zone)
    columns: dict[str, Sequence[Job]] = {}
    for state in BOARD:
        query = select(Job).where(*conditions(user, JobFilters.of(filters.as_args(state=state))))
        if state == DONE:
            query = query.where(Job.finished_at >= today)
        if state == NOT_POSSIBLE:
            query = query.where(Job.finished_at >= today - timedelta(days=NOT_POSSIBLE_DAYS))
        order = (Job.starts_at.asc().nulls_last(), Job.priority.desc(), Job.id)
        query = with_people(query).order_by(*order).limit(MOST_OF_A_COLUMN + 1)
        columns[state] = db.session().scalars(query).all()
    return columns


def day_of(employee: Employee, day: date, zone: ZoneInfo) -> list[Job]:
    """Their jobs of a day, as ordered by hand, the others by time; today with what is left from before."""
    starts, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    of_day: ColumnElement[bool] = and_(Job.starts_at >= starts, Job.starts_at < ends)
    if day == local_today(zone):
        left = and_(Job.state.in_(UNFINISHED), or_(Job.starts_at < starts, Job.starts_at.is_(None)))
        done_today = and_(Job.finished_at >= starts, Job.finished_at < ends)
        of_day = or_(of_day, left, done_today)
    query = (
        with_people(select(Job))
        .join(Crew, Crew.job_id == Job.id)
        .where(Crew.employee_id == employee.id, of_day, Job.state != CANCELLED)
        .order_by(Crew.position.asc().nulls_last(), Job.starts_at.asc().nulls_last(), Job.id)
    )
    return list(db.session().scalars(query).unique())


def week_of(user: User, filters: JobFilters, monday: date) -> dict[date, list[Job]]:
    """Seven days from `monday`, each with its jobs by time."""
    days = [monday + timedelta(days=n) for n in range(7)]
    found: dict[date, list[Job]] = {day: [] for day in days}
    for job in days_between(user, filters, days[0], days[-1]):
        if job.starts_at is not None:
            found[job.starts_at.astimezone(user.zone).date()].append(job)
    return found


def days_between(user: User, filters: JobFilters, first: date, last: date) -> Sequence[Job]:
    narrowed = JobFilters.of(
        filters.as_args(state="all", first=first.isoformat(), last=last.isoformat())
    )
    query = with_people(select(Job).where(*conditions(user, narrowed), Job.state != CANCELLED))
    query = query.order_by(Job.starts_at, Job.id).limit(MOST_OF_A_WEEK)
    return db.session().scalars(query).all()


def placed_jobs(user: User, filters: JobFilters) -> Sequence[Job]:
    """Those of the list that have a place on the map, the newest first."""
    query = select(Job).where(*conditions(user, filters), Job.lat.is_not(None))
    return db.session().scalars(query.order_by(Job.id.desc()).limit(MOST_PLACED)).all()


def jobs_on(day: date, zone: ZoneInfo) -> Sequence[Job]:
    """Everybody's unfinished jobs of a day, for plans."""
    starts = midnight(day, zone)
    query = select(Job).where(
        Job.state.in_(UNFINISHED),
        Job.starts_at >= starts,
        Job.starts_at < midnight(day + timedelta(days=1), zone),
    )
    return db.session().scalars(with_people(query).order_by(Job.starts_at, Job.id)).all()
