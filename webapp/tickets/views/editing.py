"""/tickets/<ref>/edit: what a ticket says is corrected; what others changed meanwhile merges or is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets import actions, queries, words
from webapp.tickets.actions.editing import EDITABLE
from webapp.tickets.forms import EditForm
from webapp.tickets.merging import Merged, merge
from webapp.tickets.models import Ticket
from webapp.tickets.texts import clean_line, clean_text
from webapp.tickets.views.blueprint import bp

Answer = str | tuple[str, int] | Response


@bp.get("/tickets/<ref>/edit")
@requires(Permission.TICKETS_WORK)
def edit_ticket(ref: str) -> str:
    ticket = queries.ticket_for(viewer(), ref)
    return _page(ticket, _values_of(ticket))


@bp.post("/tickets/<ref>/edit")
@requires(Permission.TICKETS_WORK)
def save_ticket(ref: str) -> Answer:
    typed, seen = _sent(""), _sent("seen_")
    merged = Merged({}, {}, typed)
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            merged = merge(typed, seen=seen, now=_values_of(ticket))
            form = parse(EditForm, merged.taken, context={"categories": _choices(ticket)})
            if not merged.disputed:
                actions.edit_ticket(
                    ticket, form.model_dump(exclude_unset=True), actor=viewer().actor
                )
    except Invalid as error:
        return _page(queries.ticket_for(viewer(), ref), merged.shown, error.fields), 422
    if merged.disputed:
        return _page(ticket, merged.shown, disputed=merged.disputed), 409
    toast("updated", _("%(ref)s is saved.", ref=ref))
    return redirect(url_for(".show_ticket", ref=ref), 303)


def _sent(prefix: str) -> dict[str, str]:
    return {
        name: _cleaned(name, request.form[prefix + name])
        for name in EDITABLE
        if prefix + name in request.form
    }


def _values_of(ticket: Ticket) -> dict[str, str]:
    return {name: _cleaned(name, getattr(ticket, name)) for name in EDITABLE}


def _cleaned(name: str, text: str) -> str:
    return clean_text(text) if name == "description" else clean_line(text)


def _choices(ticket: Ticket) -> list[str]:
    return sorted({*queries.active_categories(), ticket.category} - {""})


def _page(
    ticket: Ticket,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    disputed: Mapping[str, str] | None = None,
) -> str:
    told: Sequence[tuple[str, str, str]] = [
        (words.field_name(name), theirs, values[name]) for name, theirs in (disputed or {}).items()
    ]
    return render(
        "tickets/edit_ticket.html",
        ticket=ticket,
        values=values,
        seen=_values_of(ticket),
        errors=errors or {},
        disputed=told,
        categories=_choices(ticket),
        live_topics=["staff", f"user:{viewer().id}"],
    )
