"""/employees: who does jobs, what they can do and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.events.queries import history_of
from webapp.fieldwork import actions, queries, words
from webapp.fieldwork.forms import AbsenceForm, EmployeeForm, NewEmployeeForm
from webapp.fieldwork.models import Employee
from webapp.fieldwork.values import EMPLOYEE_FIELDS, as_sent, employee_values
from webapp.fieldwork.views.blueprint import bp, choices, topics
from webapp.targets.hours import DAYS
from webapp.tickets.merging import Merged, merge

Answer = str | tuple[str, int] | Response
_USUAL = dict.fromkeys(DAYS[:5], "08:00-12:00, 13:00-17:00")


@bp.get("/employees")
@requires(Permission.JOBS_PLAN)
def list_employees() -> str:
    return render("fieldwork/list_employees.html", live_topics=topics(), **_rows())


@bp.get("/employees/rows")
@requires(Permission.JOBS_PLAN)
def employee_rows() -> str:
    return render("fieldwork/_employees.html", **_rows())


@bp.get("/employees/new")
@requires(Permission.JOBS_PLAN)
def new_employee() -> str:
    return _new_page({**dict.fromkeys(EMPLOYEE_FIELDS, ""), **_USUAL, "active": "1"}, {})


@bp.post("/employees/new")
@requires(Permission.JOBS_PLAN)
def create_employee() -> Answer:
    typed = _typed()
    try:
        form = parse(NewEmployeeForm, typed)
        with transaction():
            employee = actions.create_employee(form.model_dump(), actor=viewer().actor)
    except (Invalid, Conflict) as error:
        return _new_page(typed, _errors(error)), 422
    toast("new", _("%(name)s is an employee now.", name=employee.name))
    return redirect(url_for(".show_employee", employee_id=employee.id), 303)


@bp.get("/employees/<int:employee_id>")
@requires(Permission.JOBS_PLAN)
def show_employee(employee_id: int) -> str:
    employee = queries.employee_by_id(employee_id)
    return _page(employee, employee_values(employee), {})


@bp.post("/employees/<int:employee_id>")
@requires(Permission.JOBS_PLAN)
def save_employee(employee_id: int) -> Answer:
    typed = _typed()
    merged = Merged({}, {}, typed)
    try:
        with transaction():
            employee = queries.employee_by_id(employee_id, lock=True)
            merged = merge(typed, seen=_typed("seen_"), now=employee_values(employee))
            form = parse(EmployeeForm, merged.taken)
            if not merged.disputed:
                values = form.model_dump(exclude_unset=True)
                actions.edit_employee(employee, values, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        employee = queries.employee_by_id(employee_id)
        return _page(employee, merged.shown, _errors(error)), 422
    if merged.disputed:
        return _page(employee, merged.shown, {}, disputed=merged.disputed), 409
    toast("updated", _("%(name)s is saved.", name=employee.name))
    return redirect(url_for(".show_employee", employee_id=employee_id), 303)


@bp.post("/employees/<int:employee_id>/delete")
@requires(Permission.JOBS_PLAN)
def delete_employee(employee_id: int) -> Response:
    with transaction():
        employee = queries.employee_by_id(employee_id, lock=True)
        gone = actions.remove_employee(employee, actor=viewer().actor)
    if gone:
        toast("info", _("%(name)s is removed.", name=employee.name))
    else:
        toast("info", _("%(name)s has jobs and stays, but gets no new ones.", name=employee.name))
    return redirect(url_for(".list_employees"), 303)


@bp.post("/employees/<int:employee_id>/absences")
@requires(Permission.JOBS_PLAN)
def add_absence(employee_id: int) -> Answer:
    try:
        form = parse(AbsenceForm, request.form)
        with transaction():
            employee = queries.employee_by_id(employee_id, lock=True)
            actions.add_absence(
                employee,
                first=form.first_day,
                last=form.last_day,
                reason=form.reason,
                actor=viewer().actor,
            )
    except Invalid as error:
        employee = queries.employee_by_id(employee_id)
        return _page(employee, employee_values(employee), {}, absence=error.fields), 422
    toast("updated", _("The absence is noted."))
    return redirect(url_for(".show_employee", employee_id=employee_id), 303)


@bp.post("/employees/<int:employee_id>/absences/<int:absence_id>/delete")
@requires(Permission.JOBS_PLAN)
def remove_absence(employee_id: int, absence_id: int) -> Response:
    with transaction():
        employee = queries.employee_by_id(employee_id, lock=True)
        actions.remove_absence(employee, absence_id, actor=viewer().actor)
    toast("updated", _("The absence is removed."))
    return redirect(url_for(".show_employee", employee_id=employee_id), 303)


def _rows() -> dict[str, Any]:
    q, after = request.args.get("q", "").strip()[:200], request.args.get("after") or None
    page = queries.employees_page(q=q, after=after)
    today = queries.local_today(viewer().zone)
    return {
        "q": q,
        "employees": page.rows,
        "open_jobs": queries.open_jobs_of(page.rows),
        "away": queries.absent_on(today),
        "src": url_for(".employee_rows", q=q or None, after=after),
        "first": url_for(".list_employees", q=q or None) if after else None,
        "next": url_for(".list_employees", q=q or None, after=page.next) if page.next else None,
    }


def _typed(prefix: str = "") -> dict[str, str]:
    names = [name for name in EMPLOYEE_FIELDS if prefix + name in request.form]
    return as_sent({name: request.form.getlist(prefix + name)[-1] for name in names})


def _errors(error: AppError) -> Mapping[str, str]:
    fields = error.fields if isinstance(error, Invalid) else {"user": error.message}
    return fields or {"": error.message}


def _choices() -> dict[str, Any]:
    accounts = [(each.id, each.name) for each in people_who_may(Permission.JOBS_WORK)]
    return {**choices(), "accounts": accounts, "days": weekday_names(), "live_topics": topics()}


def weekday_names() -> list[tuple[str, str]]:
    names = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip
    return list(zip(DAYS, names, strict=True))


def _new_page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render("fieldwork/new_employee.html", values=values, errors=errors, **_choices())


def _page(
    employee: Employee,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    disputed: Mapping[str, str] | None = None,
    absence: Mapping[str, str] | None = None,
) -> str:
    told = [(words.field_name(n), their, values[n]) for n, their in (disputed or {}).items()]
    return render(
        "fieldwork/employee.html",
        employee=employee,
        values=values,
        seen=employee_values(employee),
        errors=errors,
        disputed=told,
        absence_errors=absence or {},
        events=list(reversed(history_of("employee", employee.id, limit=50))),
        **_choices(),
    )
