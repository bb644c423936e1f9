"""/api/jobs: all of them for those who plan, one's own for those who go out."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import api
from webapp.core.api import sent as sent_of
from webapp.core.db import transaction
from webapp.core.errors import Forbidden
from webapp.core.forms import parse
from webapp.fieldwork import actions, queries
from webapp.fieldwork.api import asked
from webapp.fieldwork.api.blueprint import bp
from webapp.fieldwork.forms import JobForm, MoveForm, NewJobForm
from webapp.fieldwork.models import Job
from webapp.fieldwork.queries import JobFilters
from webapp.fieldwork.shown import job_json
from webapp.fieldwork.values import JOB_FIELDS, job_values
from webapp.fieldwork.views.job import change_job, make_job, set_state

MOVING = {"state", "reason", "resolve"}
NEW = {*JOB_FIELDS, "checklist", "parts", "client_uuid"}
READ_ONLY = {
    "id", "ref", "client_uuid", "checklist", "parts", "created_at", "updated_at", "finished_at",
}  # fmt: skip


@bp.get("/jobs")
@requires(Permission.JOBS_WORK)
def list_jobs() -> Response:
    """?state= unfinished by default, a state, or all; q, employee, barangay, skill, priority, first, last."""
    filters = JobFilters.of(request.args)
    page = queries.jobs_page(viewer(), filters, after=api.after(), rows=api.limit())
    return asked.many("jobs", page, job_json)


@bp.post("/jobs")
@requires(Permission.JOBS_PLAN)
def create_job() -> Response:
    """201; sent again with the same client_uuid: 200 and the job that stands."""
    form = parse(NewJobForm, sent_of(NEW))
    with transaction():
        job, is_new = make_job(form, source="api")
    return asked.one("job", job_json(job), status=201 if is_new else 200)


@bp.get("/jobs/<int:job_id>")
@requires(Permission.JOBS_WORK)
def show_job(job_id: int) -> Response:
    return asked.one("job", job_json(queries.job_by_id(viewer(), job_id)))


@bp.put("/jobs/<int:job_id>")
@requires(Permission.JOBS_WORK)
def put_job(job_id: int) -> Response:
    """Sets what is named, and moves it where `state` says. Who only does jobs may only move them."""
    sent = sent_of({*JOB_FIELDS, *MOVING, *READ_ONLY, "version", "seen"})
    try:
        with transaction():
            job = queries.job_by_id(viewer(), job_id, lock=True)
            _change(job, sent)
            _move(job, sent)
    except asked.Disputed as error:
        return asked.disputed(error)
    return asked.one("job", job_json(job))


@bp.delete("/jobs/<int:job_id>")
@requires(Permission.JOBS_PLAN)
def delete_job(job_id: int) -> tuple[str, int]:
    """Only what nobody has begun; 409 otherwise."""
    with transaction():
        job = queries.job_by_id(viewer(), job_id, lock=True)
        asked.check_fresh(job.version)
        actions.delete_job(job, actor=viewer().actor)
    return "", 204


def _change(job: Job, sent: dict[str, Any]) -> None:
    taken = asked.merged_into(sent, job_values(job), version=job.version, shown=job_json(job))
    if taken and not viewer().may(Permission.JOBS_PLAN):
        raise Forbidden(_("Who plans jobs may change what they say; you may move yours."))
    if taken:
        change_job(job, parse(JobForm, taken))


def _move(job: Job, sent: dict[str, Any]) -> None:
    asked_for = {"state": job.state, **{n: sent[n] for n in MOVING if n in sent}}
    set_state(job, parse(MoveForm, asked_for))
