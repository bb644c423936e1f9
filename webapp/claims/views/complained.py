"""Complaints (T13), told on a ticket's page: the bulletin that it is about, or the choice of one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import actions, guards, queries
from webapp.claims.forms import TieForm
from webapp.claims.models import Bulletin
from webapp.claims.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ticket_by_id, ticket_for
from webapp.tickets.views import fragments

fragments.offer(
    "complaint",
    "claims.complaint_of",
    shown=lambda: guards.shown() and viewer().may(Permission.CLAIMS_SEE),
)


class _Several(Invalid):
    """A number that several bulletins have: which of them is for the person to say."""

    def __init__(self, found: Sequence[Bulletin]) -> None:
        super().__init__(_("Several bulletins have this number. Choose one of them."))
        self.found = found


@bp.get("/complaints/<int:ticket_id>")
@requires(Permission.CLAIMS_SEE)
def complaint_of(ticket_id: int) -> str:
    """For the ticket's page, which loads it as a fragment."""
    return _fragment(_ticket(ticket_id))


@bp.get("/complaints/<int:ticket_id>/matches")
@requires(Permission.CLAIMS_WORK)
def complaint_matches(ticket_id: int) -> str:
    """Bulletins to choose from, while a number is typed."""
    words = request.args.get("number", "")[:80]
    return render(
        "claims/complaints/_matches.html",
        ticket=_ticket(ticket_id),
        matches=queries.bulletins_named(viewer(), words),
        asked=len(words.strip()) >= 3,
    )


@bp.post("/complaints/<int:ticket_id>/tie")
@requires(Permission.CLAIMS_WORK)
def tie_bulletin(ticket_id: int) -> Response:
    try:
        form = parse(TieForm, request.form)
        with transaction():
            ticket = _ticket(ticket_id, lock=True)
            bulletin = _named(form)
            actions.tie_complaint(ticket, bulletin, actor=viewer().actor)
    except (Invalid, NotFound, Conflict) as error:
        if not is_htmx():
            raise
        matches = error.found if isinstance(error, _Several) else ()
        page = _fragment(_ticket(ticket_id), error=error.message, matches=matches)
        return make_response(page, 422)
    said = _("%(ref)s is about %(number)s now.", ref=ticket.ref, number=bulletin.number)
    return _done(ticket, said)


@bp.post("/complaints/<int:ticket_id>/untie")
@requires(Permission.CLAIMS_WORK)
def untie_bulletin(ticket_id: int) -> Response:
    with transaction():
        ticket = _ticket(ticket_id, lock=True)
        actions.untie_complaint(ticket, actor=viewer().actor)
    return _done(ticket, _("%(ref)s is about no bulletin any more.", ref=ticket.ref))


def _ticket(ticket_id: int, *, lock: bool = False) -> Ticket:
    return ticket_for(viewer(), ticket_by_id(ticket_id).ref, lock=lock)


def _named(form: TieForm) -> Bulletin:
    """Raises NotFound, Invalid where nothing was typed, or _Several."""
    if form.bulletin_id:
        return queries.bulletin_for(viewer(), form.bulletin_id)
    if not form.number.strip():
        raise Invalid(_("Write the bulletin's number first."))
    found = queries.bulletins_with_number(viewer(), form.number)
    if not found:
        raise NotFound(_("No bulletin has this number."))
    if len(found) > 1:
        raise _Several(found)
    return found[0]


def _fragment(ticket: Ticket, *, error: str = "", matches: Sequence[Bulletin] = ()) -> str:
    return render(
        "claims/complaints/_of_ticket.html",
        ticket=ticket,
        bulletin=queries.bulletin_complained_of(ticket),
        may_tie=viewer().may(Permission.CLAIMS_WORK),
        typed=request.form.get("number", ""),
        error=error,
        matches=matches,
        asked=False,
    )


def _done(ticket: Ticket, said: str) -> Response:
    toast("updated", said)
    if not is_htmx():
        return redirect(url_for("tickets.show_ticket", ref=ticket.ref), 303)
    return make_response(_fragment(ticket))
