"""Complaints (T13), told on a bulletin's page: its tickets, a new one, or one that is there already."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import actions, queries
from webapp.claims.forms import ComplaintForm
from webapp.claims.models import Bulletin
from webapp.claims.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.tickets.actions import create_ticket
from webapp.tickets.forms import DeskTicketForm
from webapp.tickets.queries import ticket_by_id, ticket_for
from webapp.tickets.views.intake import Shown

CATEGORY = "Complaint"


@bp.get("/bulletins/<int:bulletin_id>/complaints")
@requires(Permission.CLAIMS_SEE)
def complaints_of(bulletin_id: int) -> str:
    """For the bulletin's page, which loads it as a fragment."""
    return _fragment(queries.bulletin_for(viewer(), bulletin_id))


@bp.post("/bulletins/<int:bulletin_id>/complaints")
@requires(Permission.CLAIMS_WORK)
def new_complaint(bulletin_id: int) -> Response:
    """A ticket in the member's name, tied at once. Sent twice it is one."""
    _check_may_make_tickets()
    try:
        form = parse(ComplaintForm, request.form)
        with transaction():
            bulletin = queries.bulletin_for(viewer(), bulletin_id)
            ticket = create_ticket(_ticket_form(form, bulletin), actor=viewer().actor)
            actions.tie_complaint(ticket, bulletin, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        return _again(bulletin_id, "new", error)
    toast("new", _("%(ref)s is made.", ref=ticket.ref))
    return _done(bulletin_id)


@bp.post("/bulletins/<int:bulletin_id>/complaints/tie")
@requires(Permission.CLAIMS_WORK)
def tie_ticket(bulletin_id: int) -> Response:
    """A ticket that is there already, by its ref."""
    try:
        with transaction():
            bulletin = queries.bulletin_for(viewer(), bulletin_id)
            ref = request.form.get("ref", "").strip().upper()[:40]
            ticket = ticket_for(viewer(), ref, lock=True)
            actions.tie_complaint(ticket, bulletin, actor=viewer().actor)
    except (NotFound, Conflict) as error:
        queries.bulletin_for(viewer(), bulletin_id)  # it was not the bulletin that is missing
        return _again(bulletin_id, "tie", error)
    toast("updated", _("%(ref)s is about this bulletin now.", ref=ticket.ref))
    return _done(bulletin_id)


@bp.post("/bulletins/<int:bulletin_id>/complaints/<int:ticket_id>/untie")
@requires(Permission.CLAIMS_WORK)
def untie_ticket(bulletin_id: int, ticket_id: int) -> Response:
    with transaction():
        ticket = ticket_for(viewer(), ticket_by_id(ticket_id).ref, lock=True)
        tied = queries.bulletin_complained_of(ticket)
        if tied is not None and tied.id == bulletin_id:
            actions.untie_complaint(ticket, actor=viewer().actor)
    toast("updated", _("%(ref)s is no longer about this bulletin.", ref=ticket.ref))
    return _done(bulletin_id)


def _check_may_make_tickets() -> None:
    if not viewer().may(Permission.TICKETS_WORK):
        raise Forbidden(_("Your role does not allow this. Ask an admin if you need it."))


def _ticket_form(form: ComplaintForm, bulletin: Bulletin) -> DeskTicketForm:
    values = {**form.model_dump(), "category": CATEGORY, "name": bulletin.member_name}
    return parse(DeskTicketForm, values)


def _fragment(bulletin: Bulletin, **typed: Any) -> str:
    may_tie = viewer().may(Permission.CLAIMS_WORK)
    return render(
        "claims/complaints/_of_bulletin.html",
        bulletin=bulletin,
        tickets=queries.complaints_of(bulletin),
        may_tie=may_tie,
        may_make=may_tie and viewer().may(Permission.TICKETS_WORK),
        **{"form": Shown.fresh(), "tying": Shown.fresh(), **typed},
    )


def _again(bulletin_id: int, which: str, error: AppError) -> Response:
    """The form once more with what was typed and what is wrong with it; it stands in a fragment, so to htmx alone."""
    if not is_htmx():
        raise error
    bulletin = queries.bulletin_for(viewer(), bulletin_id)
    fields = error.fields if isinstance(error, Invalid) else {}
    if which == "new":
        shown = {"form": Shown(request.form.to_dict(), fields or {"": error.message})}
    else:
        shown = {"tying": Shown(request.form.to_dict(), {"ref": error.message})}
    return make_response(_fragment(bulletin, **shown), 422)


def _done(bulletin_id: int) -> Response:
    if not is_htmx():
        return redirect(url_for(".show_bulletin", bulletin_id=bulletin_id), 303)
    return make_response(_fragment(queries.bulletin_for(viewer(), bulletin_id)))
