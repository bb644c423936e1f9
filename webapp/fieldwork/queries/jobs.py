"""One job, or a list of them, as the person asking may see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db, pagination
from webapp.core.errors import Invalid, NotFound
from webapp.core.pagination import Page
from webapp.events.queries import history_of
from webapp.fieldwork.models import Crew, Employee, Job, JobFile, JobPart, RecurringJob
from webapp.fieldwork.offline import Meanwhile
from webapp.fieldwork.queries.filters import ALL, NOBODY, JobFilters
from webapp.fieldwork.states import STATES, UNFINISHED

ROWS = 50
COUNTED_UP_TO = 1000


def mine(user: User) -> ColumnElement[bool]:
    """Jobs that `user` may see: all for those who plan, their own for those who only do them."""
    if user.may(Permission.JOBS_PLAN):
        return literal(True)
    own = select(Crew.job_id).join(Employee).where(Employee.user_id == user.id)
    return Job.id.in_(own) if user.may(Permission.JOBS_WORK) else literal(False)


def job_for(user: User, ref: str, *, lock: bool = False) -> Job:
    """Raises NotFound, also for somebody else's. `lock`: nobody else changes it now."""
    query = select(Job).where(Job.ref == ref, mine(user))
    return _one(query, lock=lock)


def job_by_id(user: User, job_id: int, *, lock: bool = False) -> Job:
    return _one(select(Job).where(Job.id == job_id, mine(user)), lock=lock)


def jobs_page(
    user: User, filters: JobFilters, *, after: str | None = None, rows: int = ROWS
) -> Page[Job]:
    """Unfinished ones as they come due, those without a time last; others newest first."""
    query = with_people(select(Job).where(*conditions(user, filters)))
    query = query.options(selectinload(Job.parts))
    if filters.state in ("", *UNFINISHED):
        query = query.order_by(Job.starts_at.asc().nulls_last(), Job.id)
        beyond = _later(after) if after else None
    else:
        query = query.order_by(Job.created_at.desc(), Job.id.desc())
        beyond = _older(after) if after else None
    query = query if beyond is None else query.where(beyond)
    found = db.session().scalars(query.limit(rows + 1)).all()
    last = found[rows - 1] if len(found) > rows else None
    return Page(found[:rows], last and _position(last, filters))


def count_by_state(user: User, filters: JobFilters) -> dict[str, int]:
    """state → how many fit the other filters; counted up to COUNTED_UP_TO + 1 in all of them."""
    some = select(Job.state).where(*_narrowed(user, filters)).limit(10 * COUNTED_UP_TO).subquery()
    counts = db.session().execute(select(some.c.state, func.count()).group_by(some.c.state))
    return dict.fromkeys(STATES, 0) | {state: count for state, count in counts}  # noqa: C416


def conditions(user: User, filters: JobFilters) -> list[ColumnElement[bool]]:
    found = _narrowed(user, filters)
    if filters.state != ALL:
        found.append(Job.state.in_(UNFINISHED if not filters.state else (filters.state,)))
    return found


def jobs_of_ticket(ticket_id: int) -> Sequence[Job]:
    """For those who see the ticket: all of its jobs, oldest first."""
    query = with_people(select(Job).where(Job.ticket_id == ticket_id)).order_by(Job.id)
    return db.session().scalars(query).all()


def file_of(job: Job, file_id: int) -> JobFile:
    for file in job.files:
        if file.id == file_id:
            return file
    raise NotFound(gettext("There is no such file."))


def part_of(job: Job, part_id: int) -> JobPart:
    for part in job.parts:
        if part.id == part_id:
            return part
    raise NotFound(gettext("There is no such part."))


def last_change(job_id: int, fact: str, *, text: str = "") -> Meanwhile:
    """Who did such a thing to the job last; `text`: to the item or part of that name."""
    for event in reversed(history_of("job", job_id)):
        if event.type == fact and str(event.data.get("text", "")).endswith(text):
            return Meanwhile(event.actor_name, event.at)
    return Meanwhile()


def hearers_of(job_id: int) -> tuple[list[int], int | None]:
    """For reactions: the accounts of its crew, and its ticket."""
    accounts = select(Employee.user_id).join(Crew, Crew.employee_id == Employee.id)
    query = accounts.where(Crew.job_id == job_id, Employee.user_id.is_not(None))
    ticket_id = db.session().scalar(select(Job.ticket_id).where(Job.id == job_id))
    return [key for key in db.session().scalars(query) if key is not None], ticket_id


def crew_named(ids: Collection[int]) -> list[Employee]:
    """Raises Invalid where one of them is none of ours, or no longer active."""
    query = select(Employee).where(Employee.id.in_(ids), Employee.active).order_by(Employee.id)
    found = list(db.session().scalars(query))
    if len(found) != len(set(ids)):
        words = gettext("Choose employees from the list.")
        raise Invalid(words, fields={"crew": words})
    return found


def recurring_jobs() -> Sequence[RecurringJob]:
    query = select(RecurringJob).order_by(RecurringJob.active.desc(), RecurringJob.title)
    return db.session().scalars(query.order_by(RecurringJob.id)).all()


def due_recurring() -> Sequence[int]:
    query = select(RecurringJob.id).where(RecurringJob.active).order_by(RecurringJob.id)
    return db.session().scalars(query).all()


def recurring_by_id(key: int, *, lock: bool = False) -> RecurringJob:
    query = select(RecurringJob).where(RecurringJob.id == key)
    found = db.session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(gettext("There is no such recurring job."))
    return found


def with_people(query: Select[Any]) -> Select[Any]:
    """With what a row of any list shows."""
    crew = selectinload(Job.crew).joinedload(Crew.employee)
    return query.options(crew, joinedload(Job.ticket), selectinload(Job.items))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _one(query: Select[Any], *, lock: bool) -> Job:
    query = query.with_for_update(of=Job) if lock else query
    found: Job | None = db.session().scalar(query)
    if found is None:
        raise NotFound(gettext("There is no such job, or you may not see it."))
    return found


def _narrowed(user: User, filters: JobFilters) -> list[ColumnElement[bool]]:
    return [mine(user), *_of_fields(filters), *_of_days(filters, user.zone)]


def _of_fields(filters: JobFilters) -> Iterable[ColumnElement[bool]]:
    if filters.q:
        for word in filters.q.split():  # each of them, in any order
            said = (Job.title, Job.place, Job.description)
            found = [column.icontains(word, autoescape=True) for column in said]
            yield or_(*found, Job.ref == word.upper())
    if filters.employee == NOBODY:
        yield ~Job.crew.any()
    elif filters.employee:
        yield Job.id.in_(select(Crew.job_id).where(Crew.employee_id == int(filters.employee)))
    if filters.barangay:
        yield Job.barangay == filters.barangay
    if filters.skill:
        yield Job.skill == filters.skill
    if filters.priority:
        yield Job.priority == int(filters.priority)


def _of_days(filters: JobFilters, zone: ZoneInfo) -> Iterable[ColumnElement[bool]]:
    if filters.first:
        yield Job.starts_at >= midnight(date.fromisoformat(filters.first), zone)
    if filters.last:
        day = date.fromisoformat(filters.last) + timedelta(days=1)
        yield Job.starts_at < midnight(day, zone)


def _position(job: Job, filters: JobFilters) -> str:
    by_start = filters.state in ("", *UNFINISHED)
    return pagination.encode(job.starts_at if by_start else job.created_at, job.id)


def _later(position: str) -> ColumnElement[bool]:
    key, row_id = pagination.decode_key(position)
    if key is None:
        return and_(Job.starts_at.is_(None), Job.id > row_id)
    if not isinstance(key, datetime):
        raise pagination.damaged()
    later = tuple_(Job.starts_at, Job.id) > tuple_(literal(key, Job.starts_at.type), row_id)
    return or_(later, Job.starts_at.is_(None))


def _older(position: str) -> ColumnElement[bool]:
    key, row_id = pagination.decode(position)
    return tuple_(Job.created_at, Job.id) < tuple_(literal(key, Job.created_at.type), row_id)
