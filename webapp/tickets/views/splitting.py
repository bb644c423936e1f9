"""/tickets/<ref>/split: messages are chosen that become a ticket of their own."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from
from webapp.core.web import render, toast
from webapp.tickets import actions, queries
from webapp.tickets.forms import LONGEST_TITLE
from webapp.tickets.texts import clean_line
from webapp.tickets.views.blueprint import bp


@bp.get("/tickets/<ref>/split")
@requires(Permission.TICKETS_WORK)
def split_ticket(ref: str) -> str:
    return _page(ref)


@bp.post("/tickets/<ref>/split")
@requires(Permission.TICKETS_WORK)
def make_split(ref: str) -> tuple[str, int] | Response:
    title = clean_line(request.form.get("title", ""))[:LONGEST_TITLE]
    try:
        with transaction():
            made = actions.split_ticket(
                queries.ticket_for(viewer(), ref, lock=True),
                title=title,
                responses=_ticked("response-"),
                notes=_ticked("note-"),
                actor=viewer().actor,
            )
    except Invalid as error:
        return _page(ref, error.message), 422
    toast("new", _("%(made)s was split off %(ref)s.", made=made.ref, ref=ref))
    return redirect(url_for(".show_ticket", ref=made.ref), 303)


def _ticked(kind: str) -> set[int]:
    chosen = [text for text in request.form.getlist("message") if text.startswith(kind)]
    return {key for text in chosen if (key := number_from(text.removeprefix(kind)))}


def _page(ref: str, error: str = "") -> str:
    ticket = queries.ticket_for(viewer(), ref)
    messages = queries.conversation_of(ticket, internal=True)
    return render(
        "tickets/split_ticket.html",
        ticket=ticket,
        messages=[each for each in messages[1:] if each.of_ticket == ticket.id],
        chosen=request.form.getlist("message"),
        title=request.form.get("title", ""),
        error=error,
        live_topics=["staff"],
    )
