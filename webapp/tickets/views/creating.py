"""/tickets/new: an agent takes down what somebody tells by phone or at the counter."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.web import render, toast
from webapp.tickets import actions
from webapp.tickets import queries as tickets
from webapp.tickets.forms import DeskTicketForm
from webapp.tickets.portal import queries
from webapp.tickets.portal.models import PublicForm
from webapp.tickets.portal.views.answered import Answered, shown_form
from webapp.tickets.views import intake
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.intake import Shown


@bp.get("/tickets/new")
@requires(Permission.TICKETS_WORK)
def new_ticket() -> str:
    return _page(Shown.fresh())


@bp.post("/tickets/new")
@requires(Permission.TICKETS_WORK)
def create_ticket() -> tuple[str, int] | Response:
    asked = Answered.read(_own())
    categories = tickets.active_categories() or None
    came = intake.read(DeskTicketForm, asked=asked, categories=categories)
    if came.form is None:
        return _page(came.again()), 422
    with transaction():
        ticket = actions.create_ticket(
            came.form, photos=came.files, beginning=asked.beginning, actor=viewer().actor
        )
    toast("new", _("Ticket %(ref)s is created.", ref=ticket.ref))
    return redirect(url_for(".show_ticket", ref=ticket.ref), 303)


def _own() -> PublicForm | None:
    """The form whose questions are asked, where one is named in the address."""
    slug = request.args.get("form", "")
    return queries.form_by_slug(slug, active_only=False) if slug else None


def _page(form: Shown) -> str:
    own = _own()
    return render(
        "tickets/new_ticket.html",
        form=form,
        categories=intake.category_choices(),
        forms=queries.all_forms(),
        place_map=intake.place_map(),
        **shown_form(own),
    )
