"""/claims/bordereaux: the list, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request, url_for

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries, totals
from webapp.claims.models import Bordereau
from webapp.claims.queries import BordereauFilters
from webapp.claims.states import BORDEREAU_OPEN
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import LIVE, csv_file, status_tabs, today
from webapp.core.web import render

HEADINGS = (
    "reference", "client", "contract", "provider", "received_on", "due_on", "overdue", "status",
    "bulletins_declared", "total_declared", "currency", "source", "upstream_status",
)  # fmt: skip


@bp.get("/bordereaux")
@requires(Permission.CLAIMS_SEE)
def list_bordereaux() -> str:
    shown = _rows()
    return render(
        "claims/list_bordereaux.html",
        live_topics=LIVE,
        clients=queries.clients_in_use(chosen=shown["filters"].client),
        sources=queries.sources_in_use(Bordereau),
        **shown,
    )


@bp.get("/bordereaux/rows")
@requires(Permission.CLAIMS_SEE)
def bordereau_rows() -> str:
    """The list alone, for its live region."""
    return render("claims/_bordereaux.html", **_rows())


@bp.post("/bordereaux/export")
@requires(Permission.CLAIMS_SEE)
def export_bordereaux() -> Response:
    filters = BordereauFilters.of(request.args)
    return csv_file("bordereaux", filters.as_args(), HEADINGS, _lines(filters))


def _rows() -> dict[str, Any]:
    filters, day = BordereauFilters.of(request.args), today()
    after = request.args.get("after") or None
    page = queries.bordereaux_page(viewer(), filters, today=day, after=after)
    counts = queries.count_bordereaux(viewer(), filters, today=day)
    args = filters.as_args()
    return {
        "filters": filters,
        "bordereaux": page.rows,
        "progress": queries.progress_of([row.id for row in page.rows]),
        "nothing": queries.NOTHING_YET,
        "sums": queries.sums_of_bordereaux(viewer(), filters, today=day),
        "within": queries.within_filtered(viewer(), filters, today=day),
        "waits": {row.id: wait_of(row) for row in page.rows},
        "tabs": status_tabs(
            counts,
            chosen=filters.status,
            open_ones=BORDEREAU_OPEN,
            address=lambda status: url_for(".list_bordereaux", **filters.as_args(status=status)),
        ),
        "src": url_for(".bordereau_rows", **args, after=after),
        "newest": url_for(".list_bordereaux", **args) if after else None,
        "older": url_for(".list_bordereaux", **args, after=page.next) if page.next else None,
        "export": url_for(".export_bordereaux", **args),
    }


def wait_of(bordereau: Bordereau) -> dict[str, Any]:
    """Its age against its delay, in days; `over`: by how many it is late, 0 while it is not, or no longer waits."""
    day = today()
    over = (day - bordereau.due_on).days if bordereau.status in BORDEREAU_OPEN else 0
    return {
        "age": totals.age(bordereau.received_on, day),
        "delay": (bordereau.due_on - bordereau.received_on).days,
        "over": max(over, 0),
        "open": bordereau.status in BORDEREAU_OPEN,
    }


def _lines(filters: BordereauFilters) -> Iterator[tuple[Any, ...]]:
    for row in queries.all_bordereaux(viewer(), filters, today=today()):
        yield (
            row.reference,
            row.client.name,
            row.contract.number if row.contract else "",
            row.provider,
            row.received_on,
            row.due_on,
            "yes" if wait_of(row)["over"] else "no",
            row.status,
            row.bulletin_count,
            row.total,
            row.currency,
            row.source_name or row.source,
            row.external_status,
        )
