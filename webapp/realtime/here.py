"""Who else is at a ticket, and how many people are active: parts of pages, for those who work on tickets alone."""

from __future__ import annotations

from flask import Blueprint, request

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import names_of
from webapp.accounts.roles import STAFF, Permission
from webapp.core.web import render
from webapp.realtime import presence
from webapp.tickets.queries import ticket_for

bp = Blueprint("here", __name__)


@bp.post("/tickets/<ref>/here")
@requires(Permission.TICKETS_SEE)
def at_ticket(ref: str) -> str:
    """A page says that its reader looks, writes or goes, and gets who else is there."""
    ticket, user = ticket_for(viewer(), ref), viewer()
    said = request.form.get("doing", "")
    doing = said if said in (presence.WRITING, presence.GONE) else presence.LOOKING
    presence.note(ticket.id, user.id, doing)
    others = presence.at(ticket.id, but=user.id)
    names = names_of([other.user_id for other in others])
    known = [(names[other.user_id], other.writes) for other in others if other.user_id in names]
    return render("realtime/_here.html", others=known)


@bp.get("/home/active")
@requires(STAFF)
def active() -> str:
    return render("realtime/_active.html")
