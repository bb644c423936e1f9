"""Jobs that the desk's search box finds, told above the tickets that it finds."""

from __future__ import annotations

from flask import request, url_for

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.fieldwork import queries
from webapp.fieldwork.queries import ALL, JobFilters
from webapp.fieldwork.views.blueprint import bp
from webapp.tickets import search
from webapp.tickets.views import fragments

SHOWN = 3

fragments.offer_search(
    "jobs", "fieldwork.found_jobs", shown=lambda: viewer().may(Permission.JOBS_PLAN)
)


@bp.get("/jobs/found")
@requires(Permission.JOBS_PLAN)
def found_jobs() -> str:
    """`q`: as it was typed. Operators are about tickets: with one of them no job is meant."""
    parsed = search.parse(request.args.get("q", ""))
    words = [word for term in parsed.wanted for word in term.words]
    meant = bool(words) and not (parsed.operators or parsed.unwanted)
    filters = JobFilters.of({"q": " ".join(words), "state": ALL})
    jobs = queries.jobs_page(viewer(), filters, rows=SHOWN) if meant else None
    return render(
        "fieldwork/_found.html",
        jobs=jobs.rows if jobs else [],
        more=jobs is not None and jobs.next is not None,
        all_of_them=url_for(".list_jobs", **filters.as_args()),
    )
