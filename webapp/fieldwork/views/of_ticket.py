"""A ticket's jobs, told on its page, with “Make a job”."""

from __future__ import annotations

from flask import url_for

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.fieldwork import queries
from webapp.fieldwork.views.blueprint import bp
from webapp.tickets.queries import ticket_by_id, ticket_for
from webapp.tickets.views import fragments

fragments.offer(
    "jobs", "fieldwork.jobs_of_ticket", shown=lambda: viewer().may(Permission.JOBS_PLAN)
)


@bp.get("/jobs/of-ticket/<int:ticket_id>")
@requires(Permission.JOBS_PLAN)
def jobs_of_ticket(ticket_id: int) -> str:
    ticket = ticket_for(viewer(), ticket_by_id(ticket_id).ref)
    return render(
        "fieldwork/_of_ticket.html",
        ticket=ticket,
        jobs=queries.jobs_of_ticket(ticket.id),
        src=url_for(".jobs_of_ticket", ticket_id=ticket.id),
    )
