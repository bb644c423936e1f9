"""/tickets/<ref>: one ticket."""

from __future__ import annotations

from typing import Any

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.errors import NotFound
from webapp.core.web import render
from webapp.tickets import queries
from webapp.tickets.lists import recent
from webapp.tickets.models import Ticket
from webapp.tickets.queries import Opened
from webapp.tickets.views import fragments, parts
from webapp.tickets.views.blueprint import bp


@bp.get("/tickets/<ref>")
@requires(Permission.TICKETS_SEE)
def show_ticket(ref: str) -> str:
    opened = Opened.by(viewer(), ref)
    recent.looked_at(viewer(), opened.ticket)
    return _page(opened)


@bp.get("/tickets/<ref>/part/<part>")
@requires(Permission.TICKETS_SEE)
def ticket_part(ref: str, part: str) -> str:
    """One live part alone."""
    if part not in parts.LIVE:
        raise NotFound("There is no such part.")
    return parts.part(part, Opened(queries.ticket_for(viewer(), ref), viewer()))


def page(ticket: Ticket, **changed: dict[str, Any]) -> str:
    """The whole page; `changed`: part → what it shows differently this time."""
    return _page(Opened(ticket, viewer()), **changed)


def _page(opened: Opened, **changed: dict[str, Any]) -> str:
    ticket = opened.ticket
    shown = {name: parts.part(name, opened, **changed.get(name, {})) for name in parts.PARTS}
    return render(
        "tickets/show_ticket.html",
        ticket=ticket,
        parts=shown,
        fragments=fragments.of_ticket(ticket),
        live_topics=["staff", f"ticket:{ticket.id}", f"user:{viewer().id}"],
    )
