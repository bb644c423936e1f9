"""/jobs/assign: jobs that nobody does yet, each with those who could, and why."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from webapp.accounts.guards import requires
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.fieldwork import queries
from webapp.fieldwork.views.blueprint import bp, choices, topics


@bp.get("/jobs/assign")
@requires(Permission.JOBS_PLAN)
def dispatch() -> str:
    return render("fieldwork/dispatch.html", live_topics=topics(), **_waiting())


@bp.get("/jobs/assign/rows")
@requires(Permission.JOBS_PLAN)
def dispatch_rows() -> str:
    return render("fieldwork/_dispatch.html", **_waiting())


def _waiting() -> dict[str, Any]:
    jobs = queries.unassigned_jobs()
    return {
        "jobs": jobs,
        "suggestions": queries.suggestions_for(jobs, ZoneInfo(desk().timezone)),
        "people": choices()["people"],
        "src": url_for(".dispatch_rows"),
        "here": url_for(".dispatch"),
    }
