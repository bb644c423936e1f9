"""/tickets: the list that keeps itself fresh."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.tickets import queries, words
from webapp.tickets.queries import ALL, COUNTED_UP_TO, Filters, Matching
from webapp.tickets.states import STATUSES, UNFINISHED
from webapp.tickets.views.blueprint import bp


@bp.get("/tickets")
@requires(Permission.TICKETS_SEE)
def list_tickets() -> str:
    return render(
        "tickets/list_tickets.html",
        live_topics=["staff", f"user:{viewer().id}"],
        categories=[(name, name) for name in queries.categories_in_use()],
        sources=[(s, words.source_name(s, name)) for s, name in queries.sources_in_use()],
        **_rows(),
    )


@bp.get("/tickets/rows")
@requires(Permission.TICKETS_SEE)
def list_rows() -> str:
    """The list alone, for its live region."""
    return render("tickets/_list.html", **_rows())


def _rows() -> dict[str, Any]:
    filters = Filters.of(request.args)
    after = request.args.get("after") or None
    wanted = queries.matching(viewer(), filters)
    page = queries.tickets_page(wanted, after=after)
    return {
        "filters": filters,
        "tickets": page.rows,
        "chips": queries.chips_of(viewer(), page.rows),
        "tabs": _tabs(wanted),
        "said": wanted.said,
        "may_work": viewer().may(Permission.TICKETS_WORK),
        "src": url_for(".list_rows", **filters.as_args(), after=after),
        "newest": url_for(".list_tickets", **filters.as_args()) if after else None,
        "older": url_for(".list_tickets", **filters.as_args(), after=page.next)
        if page.next
        else None,
    }


def _tabs(wanted: Matching) -> list[tuple[str, str, bool, str]]:
    filters, counts = wanted.filters, queries.count_by_status(wanted)
    choices = [
        ("", _("Unfinished"), UNFINISHED),
        *((status, words.status_name(status), (status,)) for status in STATUSES),
        (ALL, _("All"), STATUSES),
    ]
    return [
        (
            name,
            url_for(".list_tickets", **filters.as_args(status=status)),
            filters.status == status,
            _counted(sum(counts[one] for one in included)),
        )
        for status, name, included in choices
    ]


def _counted(count: int) -> str:
    return f"{COUNTED_UP_TO}+" if count > COUNTED_UP_TO else str(count)
