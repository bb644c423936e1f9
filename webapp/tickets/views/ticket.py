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
from webapp.tickets.views import fragments, parts
from webapp.tickets.views.blueprint import bp


@bp.get("/tickets/<ref>")
@requires(Permission.TICKETS_SEE)
def show_ticket(ref: str) -> str:
    ticket = queries.ticket_for(viewer(), ref)
    recent.looked_at(viewer(), ticket)
    return page(ticket)


@bp.get("/tickets/<ref>/part/<part>")
@requires(Permission.TICKETS_SEE)
def ticket_part(ref: str, part: str) -> str:
    """One live part alone."""
    ticket = queries.ticket_for(viewer(), ref)
    if part not in parts.LIVE:
        raise NotFound("There is no such part.")
    return parts.part(part, ticket)


def page(ticket: Ticket, **changed: dict[str, Any]) -> str:
    """The whole page; `changed`: part → what it shows differently this time."""
    shown = {name: parts.part(name, ticket, **changed.get(name, {})) for name in parts.PARTS}
    return render(
        "tickets/show_ticket.html",
        ticket=ticket,
        parts=shown,
        fragments=fragments.of_ticket(ticket),
        live_topics=["staff", f"ticket:{ticket.id}", f"user:{viewer().id}"],
    )
