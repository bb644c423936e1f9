"""Watching a ticket, naming colleagues, and the ticket on paper."""

from __future__ import annotations

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.web import render, toast
from webapp.tickets import actions, queries
from webapp.tickets.views import parts, working
from webapp.tickets.views.blueprint import bp


@bp.post("/tickets/<ref>/watch")
@requires(Permission.TICKETS_SEE)
def watch(ref: str) -> Response:
    """Watch it, or no longer: the pressed button says which."""
    wanted = request.form.get("do") != "unwatch"
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        do = actions.watch if wanted else actions.unwatch
        do(ticket, user=viewer(), actor=viewer().actor)
    words = (
        _("You watch %(ref)s.", ref=ref) if wanted else _("You no longer watch %(ref)s.", ref=ref)
    )
    toast("info", words)
    return working.done(ticket, ("watchers", "history"))


@bp.get("/tickets/people")
@requires(Permission.TICKETS_WORK)
def colleagues() -> Response:
    """Whom a note can name by @."""
    people = people_who_may(Permission.TICKETS_SEE)
    return jsonify([person.name for person in people if person.id != viewer().id])


@bp.get("/tickets/<ref>/print")
@requires(Permission.TICKETS_SEE)
def print_ticket(ref: str) -> str:
    """The ticket for paper: with its internal notes only where that is asked for."""
    ticket, notes = queries.ticket_for(viewer(), ref), request.args.get("notes") == "1"
    return render(
        "tickets/print_ticket.html",
        ticket=ticket,
        notes=notes,
        messages=queries.conversation_of(ticket, internal=notes),
        file_url=parts.file_url_of(ticket),
        live_topics=[],
    )
