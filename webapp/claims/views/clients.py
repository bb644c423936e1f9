"""/claims/clients: whom claims are handled for, and what of each waits."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import LIVE, today
from webapp.core.web import render


@bp.get("/clients")
@requires(Permission.CLAIMS_SEE)
def list_clients() -> str:
    return render("claims/list_clients.html", live_topics=LIVE, **_rows())


@bp.get("/clients/rows")
@requires(Permission.CLAIMS_SEE)
def client_rows() -> str:
    """The list alone, for its live region."""
    return render("claims/client/_list.html", **_rows())


def _rows() -> dict[str, Any]:
    words = request.args.get("q", "").replace("\x00", "").strip()[:200]
    after = request.args.get("after", type=int)
    page = queries.clients_page(viewer(), words, after=after)
    args: dict[str, Any] = {"q": words or None}
    return {
        "q": words,
        "clients": page.rows,
        "figures": queries.figures_of_clients([each.id for each in page.rows], today=today()),
        "src": url_for(".client_rows", **args, after=after),
        "first": url_for(".list_clients", **args) if after else None,
        "next": url_for(".list_clients", **args, after=page.next) if page.next else None,
    }
