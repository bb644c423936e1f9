"""/claims/bulletins: the list, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries, words
from webapp.claims.flags import FLAGS
from webapp.claims.models import Bulletin
from webapp.claims.queries import ANY_FLAG, BulletinFilters
from webapp.claims.states import OPEN
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import LIVE, csv_file, status_tabs
from webapp.core.web import render

HEADINGS = (
    "number", "member_number", "member", "beneficiary", "relation", "client", "bordereau",
    "care_date", "total", "items_total", "payable", "validated", "currency", "status",
    "rejection_code", "rejection_text", "source", "upstream_status", "came_in_utc",
)  # fmt: skip


@bp.get("/bulletins")
@requires(Permission.CLAIMS_SEE)
def list_bulletins() -> str:
    shown = _rows()
    filters: BulletinFilters = shown["filters"]
    bordereau = filters.bordereau and queries.bordereau_for(viewer(), filters.bordereau)
    return render(
        "claims/list_bulletins.html",
        live_topics=LIVE,
        bordereau=bordereau or None,
        clients=queries.clients_in_use(chosen=filters.client),
        sources=queries.sources_in_use(Bulletin),
        flag_choices=[(ANY_FLAG, _("Any of these")), *((f, words.flag_word(f)) for f in FLAGS)],
        **shown,
    )


@bp.get("/bulletins/rows")
@requires(Permission.CLAIMS_SEE)
def bulletin_rows() -> str:
    """The list alone, for its live region."""
    return render("claims/_bulletins.html", **_rows())


@bp.post("/bulletins/export")
@requires(Permission.CLAIMS_SEE)
def export_bulletins() -> Response:
    filters = BulletinFilters.of(request.args)
    return csv_file("bulletins", filters.as_args(), HEADINGS, _lines(filters))


def _rows() -> dict[str, Any]:
    filters = BulletinFilters.of(request.args)
    after = request.args.get("after") or None
    page = queries.bulletins_page(viewer(), filters, after=after)
    args = filters.as_args()
    return {
        "filters": filters,
        "bulletins": page.rows,
        "flags": queries.flags_of(page.rows),
        "sums": queries.sums_of_bulletins(viewer(), filters),
        "tabs": status_tabs(
            queries.count_bulletins(viewer(), filters),
            chosen=filters.status,
            open_ones=OPEN,
            address=lambda status: url_for(".list_bulletins", **filters.as_args(status=status)),
        ),
        "src": url_for(".bulletin_rows", **args, after=after),
        "newest": url_for(".list_bulletins", **args) if after else None,
        "older": url_for(".list_bulletins", **args, after=page.next) if page.next else None,
        "export": url_for(".export_bulletins", **args),
    }


def _lines(filters: BulletinFilters) -> Iterator[tuple[Any, ...]]:
    for row in queries.all_bulletins(viewer(), filters):
        yield (
            row.number,
            row.member_number,
            row.member_name,
            row.beneficiary_name,
            row.beneficiary_relation,
            row.client.name,
            row.bordereau.reference,
            row.care_date,
            row.total,
            row.items_total,
            row.payable,
            row.validated_amount,
            row.currency,
            row.status,
            row.rejection_code,
            row.rejection_text,
            row.source_name or row.source,
            row.external_status,
            row.created_at,
        )
