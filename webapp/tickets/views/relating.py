"""What ties a ticket to others, done on its page: merging, links, and the list of what is to be done."""

from __future__ import annotations

from flask import make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.web import back_or, is_htmx, toast
from webapp.tickets import actions, queries
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import ticket_numbered
from webapp.tickets.texts import clean_line
from webapp.tickets.views import parts, working
from webapp.tickets.views.blueprint import bp


@bp.post("/tickets/<ref>/merge")
@requires(Permission.TICKETS_WORK)
def merge(ref: str) -> Response:
    """Merge it into another, or take it out again: the pressed button says which."""
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            if request.form.get("do") == "unmerge":
                target = actions.unmerge_ticket(ticket, actor=viewer().actor)
                told = _("%(ref)s stands for itself again.", ref=ref)
            else:
                target = actions.merge_ticket(ticket, into=_other(), actor=viewer().actor)
                told = _("%(ref)s is merged into %(other)s.", ref=ref, other=target.ref)
    except Invalid as error:
        return _again(ref, error)
    toast("updated", told)
    if not is_htmx():
        return back_or(url_for(".show_ticket", ref=ref))
    # It may have been pressed on the page of either.
    here = parts.answer(ticket, (*parts.LIVE, "composer"))
    return make_response(here + parts.answer(target, parts.LIVE))


@bp.post("/tickets/<ref>/relate")
@requires(Permission.TICKETS_WORK)
def relate(ref: str) -> Response:
    """Link it with another, or merge it into that one: the pressed button says which."""
    if request.form.get("do") == "merge":
        return merge(ref)
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            kind = request.form.get("kind", "")
            actions.relate(ticket, _other(), kind=kind, actor=viewer().actor)
    except Invalid as error:
        return _again(ref, error)
    toast("updated", _("The tickets are linked."))
    return working.done(ticket, ("related", "history"))


@bp.post("/tickets/<ref>/relate/<int:relation_id>")
@requires(Permission.TICKETS_WORK)
def unrelate(ref: str, relation_id: int) -> Response:
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        actions.unrelate(ticket, relation_id, actor=viewer().actor)
    toast("updated", _("The tickets are no longer linked."))
    return working.done(ticket, ("related", "history"))


@bp.post("/tickets/<ref>/checklist")
@requires(Permission.TICKETS_WORK)
def add_item(ref: str) -> Response:
    text = clean_line(request.form.get("text", ""))
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            actions.add_item(ticket, text, actor=viewer().actor)
    except Invalid as error:
        again = {"typed": text, "error": error.message}
        return working.not_done(queries.ticket_for(viewer(), ref), "checklist", again, status=422)
    return working.done(ticket, ("checklist", "history"))


@bp.post("/tickets/<ref>/checklist/<int:item_id>")
@requires(Permission.TICKETS_WORK)
def change_item(ref: str, item_id: int) -> Response:
    """Done or not, a place up or down, or gone: the pressed button says which."""
    do, actor = request.form.get("do", ""), viewer().actor
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        if do in ("done", "undone"):
            actions.set_item(ticket, item_id, done=do == "done", actor=actor)
        elif do in ("up", "down"):
            actions.move_item(ticket, item_id, by=-1 if do == "up" else 1, actor=actor)
        elif do == "remove":
            actions.remove_item(ticket, item_id, actor=actor)
        else:
            raise Invalid(_("Choose what is to be done with it."))
    return working.done(ticket, ("checklist", "history"))


def _other() -> Ticket:
    """The other ticket, by the number that was typed. Raises Invalid."""
    found = ticket_numbered(request.form.get("other", ""))
    if found is None:
        words = _("There is no ticket of that number. It looks like T-2026-000123.")
        raise Invalid(words, fields={"other": words})
    return found


def _again(ref: str, error: Invalid) -> Response:
    again = {"typed": request.form, "error": error.message}
    return working.not_done(queries.ticket_for(viewer(), ref), "related", again, status=422)
