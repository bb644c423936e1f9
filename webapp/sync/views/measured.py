"""Statistics of one connection, or of all together: drawn, as tables, as files."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.web import csv_download, render
from webapp.sync import queries
from webapp.sync.statistics import drawing, readings
from webapp.sync.statistics.rules import PERIODS
from webapp.sync.views import bp
from webapp.sync.views.panels import page_values

USUAL = "7d"


@bp.get("/connections/<int:connection_id>/statistics")
@requires(Permission.SYNC_MANAGE)
def show_statistics(connection_id: int) -> str:
    """How one connection did over days and weeks."""
    values = page_values(connection_id, tab="statistics")
    return render(
        "sync/show_statistics.html", **values, **_values("show_statistics", connection_id)
    )


@bp.get("/connections/statistics")
@requires(Permission.SYNC_MANAGE)
def all_statistics() -> str:
    """All connections together, and beside each other."""
    return render(
        "sync/all_statistics.html",
        **_values("all_statistics", None),
        sides=readings.by_connection(period=_period(), zone=viewer().zone),
        percent=drawing.percent,
        live_topics=["staff", "admin"],
        nav_active="sync.list_connections",
    )


@bp.get("/connections/<int:connection_id>/statistics.csv")
@requires(Permission.SYNC_MANAGE)
def statistics_file(connection_id: int) -> Response:
    queries.connection_for(viewer(), connection_id)
    return _file(connection_id, f"connection-{connection_id}")


@bp.get("/connections/statistics.csv")
@requires(Permission.SYNC_MANAGE)
def all_statistics_file() -> Response:
    return _file(None, "connections")


def _values(view: str, connection_id: int | None) -> dict[str, Any]:
    period = _period()
    figures = readings.figures_of(connection_id, period=period, zone=viewer().zone)
    place: dict[str, Any] = {} if connection_id is None else {"connection_id": connection_id}
    file = "statistics_file" if place else "all_statistics_file"
    return {
        "whole": figures.whole,
        "success": drawing.percent(figures.whole.success),
        "charts": drawing.charts_of(figures),
        "errors": drawing.errors_of(figures),
        "periods": [
            (words, url_for(f".{view}", **place, period=name), name == period)
            for name, words in _period_words().items()
        ],
        "address": url_for(f".{view}", **place, period=period),
        "file": url_for(f".{file}", **place, period=period),
    }


def _file(connection_id: int | None, name: str) -> Response:
    period = _period()
    figures = readings.figures_of(connection_id, period=period, zone=viewer().zone)
    rows = drawing.csv_rows(figures)
    return csv_download(f"{name}-statistics-{period}.csv", drawing.CSV, rows)


def _period() -> str:
    wanted = request.args.get("period", USUAL)
    return wanted if wanted in PERIODS else USUAL


def _period_words() -> dict[str, str]:
    return {
        "24h": _("24 hours"),
        "7d": _("7 days"),
        "30d": _("30 days"),
        "90d": _("90 days"),
    }
