"""Who else is at a ticket, and how many people are active: parts of pages, for those who work on tickets alone."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import names_of
from webapp.accounts.roles import STAFF, Permission
from webapp.core.forms import number_from
from webapp.core.web import render
from webapp.realtime import presence
from webapp.tickets.queries import ticket_for

bp = Blueprint("here", __name__)

MOST_ASKED = 100  # tickets of one list


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
    known = [
        (at_words(names[other.user_id], other.writes), other.writes)
        for other in others
        if other.user_id in names
    ]
    return render("realtime/_here.html", others=known)


@bp.get("/tickets/here")
@requires(Permission.TICKETS_SEE)
def at_tickets() -> dict[str, list[dict[str, str | bool]]]:
    """Who else is at the tickets `ids`, as far as somebody is: for the rows of a list."""
    given = request.args.get("ids", "").split(",")[:MOST_ASKED]
    ids = [key for key in map(number_from, given) if key]
    there = {
        key: others for key, others in presence.at_each(ids, but=viewer().id).items() if others
    }
    names = names_of(sorted({other.user_id for others in there.values() for other in others}))
    return {
        str(key): [
            _one(names[other.user_id], other.writes) for other in others if other.user_id in names
        ]
        for key, others in there.items()
    }


def _one(name: str, writes: bool) -> dict[str, str | bool]:
    return {"initials": initials(name), "words": at_words(name, writes), "writes": writes}


def at_words(name: str, writes: bool) -> str:
    return (
        gettext("%(name)s is writing", name=name)
        if writes
        else gettext("%(name)s is looking at this", name=name)
    )


def initials(name: str) -> str:
    """Of the first and the last word, as far as they begin with a letter."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper() or "?"


@bp.get("/home/active")
@requires(STAFF)
def active() -> str:
    return render("realtime/_active.html")
