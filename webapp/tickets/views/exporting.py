"""A list of tickets as a file: CSV streams at once, a long sheet is made in the background and fetched afterwards."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.export import write_xlsx
from webapp.core.web import csv_download, download, render
from webapp.tickets import actions, queries
from webapp.tickets.queries import Filters
from webapp.tickets.views.blueprint import bp

AT_ONCE = 2000  # rows of a sheet that are worth waiting for
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 65_536


@bp.post("/tickets/export.csv")
@requires(Permission.TICKETS_SEE)
def export_csv() -> Response:
    """All that the filters of the address leave, streamed; taking it away is recorded."""
    filters, user = Filters.of(request.args), viewer()
    with transaction():
        actions.note_export(filters.as_args(), form="csv", actor=user.actor)
    rows = queries.all_rows(user, filters, zone=str(user.zone))
    return csv_download(_name("csv"), queries.HEADINGS, rows, zone=user.zone)


@bp.post("/tickets/export.xlsx")
@requires(Permission.TICKETS_SEE)
def export_xlsx() -> Response:
    """As `export_csv`, as a sheet; where it is long, a page says how far it has come."""
    filters, user = Filters.of(request.args), viewer()
    if queries.count_all(user, filters, up_to=AT_ONCE + 1) > AT_ONCE:
        with transaction():
            export = actions.begin_export(filters.as_args(), user=viewer())
        return redirect(url_for(".show_export", export_id=export.id), 303)
    with transaction():
        actions.note_export(filters.as_args(), form="xlsx", actor=user.actor)
    return download(_sheet(filters), _name("xlsx"), XLSX)


@bp.get("/tickets/exports/<int:export_id>")
@requires(Permission.TICKETS_SEE)
def show_export(export_id: int) -> str:
    export = queries.export_for(viewer(), export_id)
    return render("tickets/export.html", **_shown(export_id), live_topics=["staff"], export=export)


@bp.get("/tickets/exports/<int:export_id>/progress")
@requires(Permission.TICKETS_SEE)
def export_progress(export_id: int) -> str:
    export = queries.export_for(viewer(), export_id)
    return render("tickets/_export.html", **_shown(export_id), export=export)


@bp.get("/tickets/exports/<int:export_id>/tickets.xlsx")
@requires(Permission.TICKETS_SEE)
def fetch_export(export_id: int) -> Response:
    """The sheet. That it leaves was recorded when it was asked for."""
    export = queries.export_for(viewer(), export_id)
    path = queries.export_file(export)
    if export.state != actions.DONE or not path.exists():
        raise NotFound(_("There is no such file; sheets are kept for a week."))
    answer = download(_pieces(path), _name("xlsx"), XLSX)
    answer.content_length = path.stat().st_size
    return answer


def _shown(export_id: int) -> dict[str, Any]:
    return {
        "src": url_for(".export_progress", export_id=export_id),
        "file": url_for(".fetch_export", export_id=export_id),
        "nav_active": "tickets.list_tickets",
    }


def _sheet(filters: Filters) -> bytes:
    user = viewer()
    rows = queries.all_rows(user, filters, zone=str(user.zone))
    with NamedTemporaryFile(suffix=".xlsx") as file:
        write_xlsx(Path(file.name), _("Tickets"), queries.HEADINGS, rows, zone=user.zone)
        return file.read()


def _pieces(path: Path) -> Any:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _name(ending: str) -> str:
    return f"tickets-{clock.now().astimezone(viewer().zone):%Y-%m-%d}.{ending}"
