"""Employees, their absences, and where they share that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.fieldwork.events import DayOrdered, EmployeeCreated, EmployeeEdited, EmployeeRemoved
from webapp.fieldwork.models import Absence, Crew, Employee
from webapp.targets.hours import DAYS
from webapp.tickets.values import as_text

PLAIN = ("name", "phone", "skills", "areas", "active")


def create_employee(values: Mapping[str, Any], *, actor: Actor) -> Employee:
    """Raises Conflict where the account is another one's already."""
    now = clock.now()
    employee = Employee(created_at=now, updated_at=now, hours={}, active=True)
    _set(employee, values)
    db.session().add(employee)
    db.session().flush()
    record(EmployeeCreated(subject_id=employee.id, name=employee.name), actor=actor)
    return employee


def edit_employee(employee: Employee, values: Mapping[str, Any], *, actor: Actor) -> Event | None:
    """None where nothing changes."""
    changes = _set(employee, values)
    if not changes:
        return None
    employee.updated_at = clock.now()
    db.session().flush()
    fact = EmployeeEdited(subject_id=employee.id, name=employee.name, changes=changes)
    return record(fact, actor=actor)


def remove_employee(employee: Employee, *, actor: Actor) -> bool:
    """Whether they are gone; who has jobs stays for their history and is no longer active."""
    jobs = select(func.count()).select_from(Crew).where(Crew.employee_id == employee.id)
    if db.session().scalar(jobs):
        edit_employee(employee, {"active": False}, actor=actor)
        return False
    record(EmployeeRemoved(subject_id=employee.id, name=employee.name), actor=actor)
    db.session().delete(employee)
    db.session().flush()
    return True


def add_absence(
    employee: Employee, *, first: date, last: date | None, reason: str, actor: Actor
) -> Absence:
    last = last or first
    if last < first:
        words = gettext("This must not be before the first day.")
        raise Invalid(words, fields={"last_day": words})
    absence = Absence(first_day=first, last_day=last, reason=reason)
    employee.absences.append(absence)
    _tell_absence(employee, ["", f"{first} – {last}"], actor)
    return absence


def remove_absence(employee: Employee, absence_id: int, *, actor: Actor) -> None:
    for absence in employee.absences:
        if absence.id == absence_id:
            employee.absences.remove(absence)
            _tell_absence(employee, [f"{absence.first_day} – {absence.last_day}", ""], actor)
            return
    raise NotFound(gettext("There is no such absence."))


def share_position(employee: Employee, place: tuple[Decimal, Decimal] | None) -> None:
    """Where they are now; None: they share it no longer, and it is forgotten. No fact tells of it: it is theirs."""
    employee.shares_position = place is not None
    employee.lat, employee.lng = place or (None, None)
    employee.position_at = clock.now() if place else None


def order_day(employee: Employee, job_ids: Sequence[int], *, actor: Actor) -> None:
    """Their jobs of a day, in the order given. Jobs that are not theirs are passed over."""
    query = select(Crew).where(Crew.employee_id == employee.id, Crew.job_id.in_(job_ids))
    mine = {one.job_id: one for one in db.session().scalars(query)}
    for position, key in enumerate([key for key in job_ids if key in mine], start=1):
        mine[key].position = position
    fact = DayOrdered(subject_id=employee.id, name=employee.name, user_id=employee.user_id)
    record(fact, actor=actor)


def _set(employee: Employee, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Those of its fields that `values` names. What changed: field → [old, new]."""
    changes: dict[str, list[Any]] = {}
    wanted = {name: values[name] for name in PLAIN if name in values}
    if "user" in values:
        _check_account(employee, values["user"])
        wanted["user_id"] = values["user"]
    days = {day: values[day] for day in DAYS if day in values}
    if days:
        wanted["hours"] = {day: text for day, text in {**employee.hours, **days}.items() if text}
    for name, new in wanted.items():
        old = getattr(employee, name)
        if old != new:
            setattr(employee, name, new)
            changes[name.removesuffix("_id")] = [_told(old), _told(new)]
    return changes


def _told(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return "; ".join(f"{day} {value[day]}" for day in DAYS if value.get(day))
    return as_text(None if value is None else str(value))


def _check_account(employee: Employee, user_id: int | None) -> None:
    if user_id is None or user_id == employee.user_id:
        return
    query = select(Employee.name).where(Employee.user_id == user_id, Employee.id != employee.id)
    if (other := db.session().scalar(query)) is not None:
        raise Conflict(gettext("This account belongs to %(name)s already.", name=other))


def _tell_absence(employee: Employee, change: list[Any], actor: Actor) -> None:
    employee.updated_at = clock.now()
    db.session().flush()
    fact = EmployeeEdited(subject_id=employee.id, name=employee.name, changes={"absent": change})
    record(fact, actor=actor)
