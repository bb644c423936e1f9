"""How long a ticket's reporter waits: a part of the ticket's page."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.web import is_htmx, render, toast
from webapp.targets import actions, queries
from webapp.targets.views.blueprint import bp
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ticket_by_id, ticket_for
from webapp.tickets.states import FINISHED
from webapp.tickets.views import fragments

fragments.offer("ticket-times", "targets.times_of")


@bp.get("/tickets/times/<int:ticket_id>")
@requires(Permission.TICKETS_SEE)
def times_of(ticket_id: int) -> str:
    return _fragment(ticket_by_id(ticket_id))


@bp.post("/tickets/times/<int:ticket_id>/waiting")
@requires(Permission.TICKETS_WORK)
def set_waiting(ticket_id: int) -> Response:
    """Whether we wait for the reporter."""
    waiting = request.form.get("waiting") == "yes"
    with transaction():
        ref = ticket_by_id(ticket_id).ref
        ticket = ticket_for(viewer(), ref, lock=True)
        actions.set_waiting(ticket, waiting, actor=viewer().actor)
    if is_htmx():
        return make_response(_fragment(ticket))
    said = _("%(ref)s waits for the reporter; no time counts.", ref=ref)
    toast("updated", said if waiting else _("The time of %(ref)s counts again.", ref=ref))
    return redirect(url_for("tickets.show_ticket", ref=ref), 303)


def _fragment(ticket: Ticket) -> str:
    found = queries.targets()
    target = found.of(ticket)
    finished = ticket.status in FINISHED
    return render(
        "targets/_times.html",
        ticket=ticket,
        target=target,
        finished=finished,
        waiting=ticket.paused_since is not None and not finished,
        may_work=viewer().may(Permission.TICKETS_WORK),
    )
