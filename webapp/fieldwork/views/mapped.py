"""/jobs/map: the list's jobs, and the employees who share where they are, as pins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import floor
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core.errors import Invalid
from webapp.core.web import allow_images_from, render
from webapp.fieldwork import queries, words
from webapp.fieldwork.models import Employee, Job
from webapp.fieldwork.queries import JobFilters
from webapp.fieldwork.views.blueprint import bp, topics
from webapp.fieldwork.views.jobs import filter_choices
from webapp.tickets.areas import Area, area_of, grid_step


@bp.get("/jobs/map")
@requires(Permission.JOBS_PLAN)
def show_map() -> str:
    if tiles := desk().tiles_url:
        host = urlsplit(tiles)
        allow_images_from(f"{host.scheme}://{host.netloc}")
    filters = JobFilters.of(request.args)
    return render(
        "fieldwork/map.html",
        desk=desk(),
        start=_around([_at(job) for job in queries.placed_jobs(viewer(), filters)]),
        pins=url_for(".map_pins", **filters.as_args()),
        live_topics=topics(),
        **filter_choices(),
        **_beside(filters),
    )


@bp.get("/jobs/map/rows")
@requires(Permission.JOBS_PLAN)
def map_rows() -> str:
    """The list beside the map alone, for its live region."""
    return render("fieldwork/_map_list.html", **_beside(JobFilters.of(request.args)))


@bp.get("/jobs/map/pins")
@requires(Permission.JOBS_PLAN)
def map_pins() -> Response:
    """What lies in `view` at this `zoom`; jobs near each other on the screen are counted together."""
    view = area_of(request.args.get("view", ""))
    if view is None:
        raise Invalid(_("A view is four numbers: south, west, north, east."))
    step = grid_step(request.args.get("zoom", 0, type=int))
    jobs = queries.placed_jobs(viewer(), JobFilters.of(request.args))
    seen = [job for job in jobs if view.holds(*_at(job))]
    pins = [_pin(group) for group in _together(seen, step)]
    shared = [one for one in queries.active_employees() if one.shares_position and one.lat]
    return jsonify(pins=[*pins, *(_person(one) for one in shared)], more="")


def _beside(filters: JobFilters) -> dict[str, Any]:
    page = queries.jobs_page(viewer(), filters)
    return {
        "filters": filters,
        "jobs": page.rows,
        "src": url_for(".map_rows", **filters.as_args()),
        "whole": url_for(".list_jobs", **filters.as_args()),
    }


def _together(jobs: Sequence[Job], step: float) -> Iterable[list[Job]]:
    def cell(job: Job) -> tuple[int, int]:
        lat, lng = _at(job)
        return floor(lat / step), floor(lng / step)

    return [list(group) for _cell, group in groupby(sorted(jobs, key=cell), key=cell)]


def _pin(jobs: Sequence[Job]) -> dict[str, Any]:
    places = [_at(job) for job in jobs]
    around = _around(places)
    lat, lng = (sum(side) / len(jobs) for side in zip(*places, strict=True))
    pin = {"at": [lat, lng], "count": len(jobs), "area": around.sides if around else []}
    if len(jobs) > 1:
        return {**pin, "label": ngettext("%(num)s job here", "%(num)s jobs here", len(jobs))}
    job = jobs[0]
    state = words.state_name(job.state)
    return {
        **pin,
        "label": f"{job.title}, {state}",
        "title": job.title,
        "below": f"{job.ref} · {state}",
        "url": url_for(".show_job", ref=job.ref),
    }


def _person(employee: Employee) -> dict[str, Any]:
    """Drawn as one pin more; its page is their plan of today."""
    at = _at(employee)
    return {
        "at": list(at),
        "count": 1,
        "area": [at[0], at[1], at[0], at[1]],
        "label": _("%(name)s is here", name=employee.name),
        "title": employee.name,
        "below": _("shares this position"),
        "url": url_for(".show_plan", employee_id=employee.id),
    }


def _at(thing: Job | Employee) -> tuple[float, float]:
    return float(thing.lat or 0), float(thing.lng or 0)


def _around(places: Sequence[tuple[float, float]]) -> Area | None:
    if not places:
        return None
    lats, lngs = [lat for lat, _lng in places], [lng for _lat, lng in places]
    return Area(min(lats), min(lngs), max(lats), max(lngs))
