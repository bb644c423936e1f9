"""Plans by time: a week for everybody, a day for one person, in the order that somebody sets by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.forms import number_from
from webapp.core.web import render, safe_next
from webapp.fieldwork import actions, queries
from webapp.fieldwork.models import Employee, Job
from webapp.fieldwork.queries import JobFilters
from webapp.fieldwork.views.blueprint import bp, topics
from webapp.fieldwork.views.jobs import filter_choices


@bp.get("/jobs/week")
@requires(Permission.JOBS_PLAN)
def show_week() -> str:
    return render("fieldwork/week.html", live_topics=topics(), **filter_choices(), **_week())


@bp.get("/jobs/week/days")
@requires(Permission.JOBS_PLAN)
def week_days() -> str:
    return render("fieldwork/_week.html", **_week())


@bp.get("/employees/<int:employee_id>/plan")
@requires(Permission.JOBS_PLAN)
def show_plan(employee_id: int) -> str:
    employee = queries.employee_by_id(employee_id)
    return render("fieldwork/plan.html", live_topics=topics(), **plan_of(employee, asked_day()))


@bp.get("/employees/<int:employee_id>/plan/jobs")
@requires(Permission.JOBS_PLAN)
def plan_jobs(employee_id: int) -> str:
    employee = queries.employee_by_id(employee_id)
    return render("fieldwork/_plan.html", **plan_of(employee, asked_day()))


@bp.post("/employees/<int:employee_id>/plan")
@requires(Permission.JOBS_PLAN)
def order_plan(employee_id: int) -> Response:
    """One job a place up or down (`job`, `do`), or all in a new order (`order`)."""
    day = asked_day()
    with transaction():
        employee = queries.employee_by_id(employee_id, lock=True)
        jobs = [job.id for job in queries.day_of(employee, day, viewer().zone)]
        actions.order_day(employee, _ordered(jobs), actor=viewer().actor)
    here = url_for(".show_plan", employee_id=employee_id, day=day.isoformat())
    return redirect(safe_next(request.form.get("back"), here), 303)


def asked_day() -> date:
    """Of the address; today where it says none."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return queries.local_today(viewer().zone)


def plan_of(employee: Employee, day: date) -> dict[str, Any]:
    jobs = queries.day_of(employee, day, viewer().zone)
    near = {"before": day - timedelta(days=1), "after": day + timedelta(days=1)}
    return {
        "employee": employee,
        "day": day,
        "today": queries.local_today(viewer().zone),
        "jobs": jobs,
        "absent": employee.id in queries.absent_on(day),
        "src": url_for(".plan_jobs", employee_id=employee.id, day=day.isoformat()),
        "post": url_for(".order_plan", employee_id=employee.id, day=day.isoformat()),
        **{
            name: url_for(".show_plan", employee_id=employee.id, day=one.isoformat())
            for name, one in near.items()
        },
    }


def _ordered(jobs: Sequence[int]) -> list[int]:
    """`jobs` as the form wants them; what it does not name comes behind, as it stood."""
    wanted = [
        key for text in request.form.get("order", "").split(",") if (key := number_from(text))
    ]
    order = [key for key in dict.fromkeys(wanted) if key in jobs]
    order += [key for key in jobs if key not in order]
    moved, by = number_from(request.form.get("job")), {"up": -1, "down": 1}
    if moved in order and (step := by.get(request.form.get("do", ""))):
        at = order.index(moved)
        order.insert(max(0, at + step), order.pop(at))
    return order


def _week() -> dict[str, Any]:
    filters = JobFilters.of({**request.args, "state": ""})
    day = asked_day()
    monday = day - timedelta(days=day.weekday())
    args = filters.as_args(first="", last="")
    days: dict[date, list[Job]] = queries.week_of(viewer(), filters, monday)
    return {
        "filters": filters,
        "monday": monday,
        "today": queries.local_today(viewer().zone),
        "days": days,
        "src": url_for(".week_days", **args, day=monday.isoformat()),
        "before": url_for(".show_week", **args, day=(monday - timedelta(days=7)).isoformat()),
        "after": url_for(".show_week", **args, day=(monday + timedelta(days=7)).isoformat()),
        "now_url": url_for(".show_week", **args),
    }
