"""Employees: who they are, what they can do, when they are away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.accounts.models import User
from webapp.core import db, pagination
from webapp.core.errors import NotFound
from webapp.core.pagination import Page
from webapp.fieldwork.models import Absence, Crew, Employee, Job
from webapp.fieldwork.states import UNFINISHED
from webapp.tickets.models import Ticket

ROWS = 50
MOST_NAMES = 200  # that a field suggests


def employee_by_id(employee_id: int, *, lock: bool = False) -> Employee:
    query = select(Employee).where(Employee.id == employee_id)
    found = db.session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(gettext("There is no such employee."))
    return found


def employee_of(user: User, *, lock: bool = False) -> Employee | None:
    """Who somebody with an account is in the field."""
    query = select(Employee).where(Employee.user_id == user.id)
    return db.session().scalar(query.with_for_update() if lock else query)


def active_employees() -> Sequence[Employee]:
    query = select(Employee).where(Employee.active).order_by(Employee.name, Employee.id)
    return db.session().scalars(query).all()


def employees_page(*, q: str = "", after: str | None = None, rows: int = ROWS) -> Page[Employee]:
    """By their number, active or not; `q`: in their name."""
    query = select(Employee).order_by(Employee.active.desc(), Employee.id)
    query = query.options(selectinload(Employee.absences))
    if q:
        query = query.where(Employee.name.icontains(q, autoescape=True))
    if after:
        active, row_id = pagination.decode_key(after)
        if not isinstance(active, int):
            raise pagination.damaged()
        same = and_(Employee.active.is_(bool(active)), Employee.id > row_id)
        query = query.where(or_(same, Employee.active.is_(False)) if active else same)
    found = db.session().scalars(query.limit(rows + 1)).all()
    if len(found) <= rows:
        return Page(found, None)
    last = found[rows - 1]
    return Page(found[:rows], pagination.encode(int(last.active), last.id))


def absent_on(day: date) -> set[int]:
    """Those who are away."""
    query = select(Absence.employee_id).where(Absence.first_day <= day, Absence.last_day >= day)
    return set(db.session().scalars(query))


def open_jobs_of(employees: Sequence[Employee]) -> dict[int, int]:
    """employee → how many unfinished jobs."""
    query = (
        select(Crew.employee_id, func.count())
        .join(Job, Job.id == Crew.job_id)
        .where(Job.state.in_(UNFINISHED), Crew.employee_id.in_([one.id for one in employees]))
        .group_by(Crew.employee_id)
    )
    return {key: count for key, count in db.session().execute(query)}  # noqa: C416


def known_skills() -> list[str]:
    """Of employees and jobs, for suggestions in fields."""
    named = {name for skills in db.session().scalars(select(Employee.skills)) for name in skills}
    asked = select(Job.skill).where(Job.skill != "").distinct().limit(MOST_NAMES)
    return sorted(named | set(db.session().scalars(asked)))[:MOST_NAMES]


def barangays_in_use() -> list[str]:
    of_jobs = select(Job.barangay).where(Job.barangay != "").distinct().limit(MOST_NAMES)
    of_tickets = select(Ticket.barangay).where(Ticket.barangay != "").distinct().limit(MOST_NAMES)
    names = set(db.session().scalars(of_jobs)) | set(db.session().scalars(of_tickets))
    return sorted(names)[:MOST_NAMES]
