"""/my-day: what a field worker sees and does, on a phone. Everything here works as plain forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.fieldwork import actions, queries
from webapp.fieldwork.forms import PositionForm
from webapp.fieldwork.states import STATES, UNFINISHED, moves_of
from webapp.fieldwork.views.blueprint import bp
from webapp.fieldwork.views.job import shown
from webapp.fieldwork.views.planning import asked_day


@bp.get("/my-day")
@requires(Permission.JOBS_WORK)
def my_day() -> str:
    return render("fieldwork/my_day.html", live_topics=[f"user:{viewer().id}"], **_day())


@bp.get("/my-day/jobs")
@requires(Permission.JOBS_WORK)
def my_jobs() -> str:
    """The list alone, for its live region."""
    return render("fieldwork/_my_day.html", **_day())


@bp.get("/my-day/<ref>")
@requires(Permission.JOBS_WORK)
def my_job(ref: str) -> str:
    job = queries.job_for(viewer(), ref)
    live = [f"user:{viewer().id}"]
    plans = viewer().may(Permission.JOBS_PLAN)
    ways = {state: moves_of(state, plans=plans) for state in STATES}  # what a device may show later
    return render(
        "fieldwork/my_job.html", live_topics=live, **_mine(ref), title=job.title, ways=ways
    )


@bp.get("/my-day/<ref>/part")
@requires(Permission.JOBS_WORK)
def my_job_part(ref: str) -> str:
    return render("fieldwork/_my_job.html", **_mine(ref))


@bp.post("/my-day/position")
@requires(Permission.JOBS_WORK)
def share_position() -> Response:
    """Where they are, as their device says; an empty one: no longer."""
    form = parse(PositionForm, request.form)
    with transaction():
        employee = queries.employee_of(viewer(), lock=True)
        if employee is None:
            raise NotFound(_("You are not among the employees."))
        place = (form.lat, form.lng) if form.lat is not None and form.lng is not None else None
        actions.share_position(employee, place)
    shares = place is not None
    toast("info", _("You share where you are.") if shares else _("You no longer share it."))
    return redirect(url_for(".my_day"), 303)


def _day() -> dict[str, Any]:
    employee, day = queries.employee_of(viewer()), asked_day()
    zone = viewer().zone
    jobs = queries.day_of(employee, day, zone) if employee else []
    near = {"before": day - timedelta(days=1), "after": day + timedelta(days=1)}
    return {
        "employee": employee,
        "day": day,
        "today": queries.local_today(zone),
        "jobs": jobs,
        "left": sum(job.state in UNFINISHED for job in jobs),
        "src": url_for(".my_jobs", day=day.isoformat()),
        **{name: url_for(".my_day", day=one.isoformat()) for name, one in near.items()},
    }


def _mine(ref: str) -> dict[str, Any]:
    job = queries.job_for(viewer(), ref)
    src, back = url_for(".my_job_part", ref=ref), url_for(".my_job", ref=ref)
    return {**shown(job), "src": src, "back": back}
