"""What all pages of a connection show, the parts that keep themselves fresh, and its part of a record's page."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from markupsafe import Markup

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims.guards import enforce_shown
from webapp.claims.queries import bordereau_for, bulletin_for
from webapp.core.web import render
from webapp.sync import queries
from webapp.sync.concerns import concerns_of
from webapp.sync.linked import Linked, links_of
from webapp.sync.subjects import Local
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import owner_choices
from webapp.sync.views.tested import skew_words
from webapp.tickets.queries import ticket_by_id, ticket_for
from webapp.tickets.views import fragments

fragments.offer("sync-panel", "sync.ticket_panel")


@bp.get("/connections/<int:connection_id>/panel")
@requires(Permission.SYNC_MANAGE)
def connection_panel(connection_id: int) -> str:
    """State, tabs and buttons, which refetch themselves; each cuts its own element out of the answer."""
    values = panel_values(connection_id)
    return render("sync/_panel_parts.html", **values, tab=request.args.get("tab", ""))


@bp.get("/connections/ticket/<int:ticket_id>")
@requires(Permission.TICKETS_SEE)
def ticket_panel(ticket_id: int) -> str:
    """What a ticket is at its upstreams, for the ticket's page."""
    ticket = ticket_for(viewer(), ticket_by_id(ticket_id).ref)
    return _record_panel("ticket", ticket, address=ticket.source_url)


@bp.get("/connections/bordereau/<int:bordereau_id>")
@requires(Permission.CLAIMS_SEE)
def bordereau_panel(bordereau_id: int) -> str:
    """As `ticket_panel`."""
    enforce_shown()
    return _record_panel("bordereau", bordereau_for(viewer(), bordereau_id))


@bp.get("/connections/bulletin/<int:bulletin_id>")
@requires(Permission.CLAIMS_SEE)
def bulletin_panel(bulletin_id: int) -> str:
    """As `ticket_panel`."""
    enforce_shown()
    return _record_panel("bulletin", bulletin_for(viewer(), bulletin_id))


def _record_panel(kind: str, local: Local, *, address: str = "") -> str:
    """`address`: of the record's page at its upstream."""
    return render(
        "sync/_record_panel.html",
        kind=kind,
        local=local,
        src=url_for(f".{kind}_panel", **{f"{kind}_id": local.id}),
        links=[(link, _number_there(link, address)) for link in links_of(kind, local)],
        owner_words=dict(owner_choices()),
        may_manage=viewer().may(Permission.OUTBOX_MANAGE),
        may_open=viewer().may(Permission.SYNC_MANAGE),
    )


def panel_values(connection_id: int) -> dict[str, Any]:
    """`it`: the connection's overview. Raises NotFound."""
    connection = queries.connection_for(viewer(), connection_id)
    return {
        "it": queries.overview_of(connection),
        "skew": skew_words(connection.skew_seconds),
        "concerns": concerns_of([connection]),
    }


def page_values(connection_id: int, *, tab: str) -> dict[str, Any]:
    """As `panel_values`, with what the frame of the pages needs."""
    return {
        **panel_values(connection_id),
        "tab": tab,
        "live_topics": ["staff", f"connection:{connection_id}", "outbox"],
        "nav_active": "sync.list_connections",
    }


def _number_there(link: Linked, address: str) -> Markup:
    """The record's number at the upstream, leading there where it says how."""
    number = link.row.external_id
    if not address.startswith(("http://", "https://")):
        return Markup("<span dir='auto'>{}</span>").format(number)
    return Markup(
        "<a href='{}' rel='noopener noreferrer' target='_blank' dir='auto'>{}</a>"
    ).format(address, number)
