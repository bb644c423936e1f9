"""/api/employees, for those who plan."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import api
from webapp.core.api import sent as sent_of
from webapp.core.db import transaction
from webapp.core.forms import parse
from webapp.fieldwork import actions, queries
from webapp.fieldwork.api import asked
from webapp.fieldwork.api.blueprint import bp
from webapp.fieldwork.forms import EmployeeForm, NewEmployeeForm
from webapp.fieldwork.shown import employee_json
from webapp.fieldwork.values import employee_values
from webapp.targets.hours import DAYS

PLAIN = {"name", "phone", "user", "skills", "areas", "active", "hours"}
READ_ONLY = {"id", "absences", "shares_position", "created_at", "updated_at"}


@bp.get("/employees")
@requires(Permission.JOBS_PLAN)
def list_employees() -> Response:
    """Active ones first; q in their names; limit, after."""
    q = request.args.get("q", "").strip()[:200]
    page = queries.employees_page(q=q, after=api.after(), rows=api.limit())
    return asked.many("employees", page, employee_json)


@bp.post("/employees")
@requires(Permission.JOBS_PLAN)
def create_employee() -> Response:
    form = parse(NewEmployeeForm, _flat(sent_of(PLAIN)))
    with transaction():
        employee = actions.create_employee(form.model_dump(), actor=viewer().actor)
    return asked.one("employee", employee_json(employee), status=201)


@bp.get("/employees/<int:employee_id>")
@requires(Permission.JOBS_PLAN)
def show_employee(employee_id: int) -> Response:
    return asked.one("employee", employee_json(queries.employee_by_id(employee_id)))


@bp.put("/employees/<int:employee_id>")
@requires(Permission.JOBS_PLAN)
def put_employee(employee_id: int) -> Response:
    sent = _flat(sent_of({*PLAIN, *READ_ONLY, "version", "seen"}))
    sent["seen"] = _flat(sent["seen"]) if isinstance(sent.get("seen"), dict) else None
    try:
        with transaction():
            employee = queries.employee_by_id(employee_id, lock=True)
            taken = asked.merged_into(
                sent,
                employee_values(employee),
                version=employee.version,
                shown=employee_json(employee),
            )
            values = parse(EmployeeForm, taken).model_dump(exclude_unset=True)
            actions.edit_employee(employee, values, actor=viewer().actor)
    except asked.Disputed as error:
        return asked.disputed(error)
    return asked.one("employee", employee_json(employee))


@bp.delete("/employees/<int:employee_id>")
@requires(Permission.JOBS_PLAN)
def delete_employee(employee_id: int) -> Response:
    """Who has jobs stays for their history and is no longer active: `removed` says which."""
    with transaction():
        employee = queries.employee_by_id(employee_id, lock=True)
        asked.check_fresh(employee.version)
        gone = actions.remove_employee(employee, actor=viewer().actor)
    return jsonify(removed=gone)


def _flat(sent: dict[str, Any]) -> dict[str, Any]:
    """Each day of `hours` as a field of its own."""
    hours = sent.get("hours")
    days = {day: hours.get(day, "") for day in DAYS} if isinstance(hours, dict) else {}
    return {**{name: value for name, value in sent.items() if name != "hours"}, **days}
