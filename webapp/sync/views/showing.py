"""A connection's pages. The tabs are addresses."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from webapp.accounts.guards import requires
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.outbox import queries as deliveries
from webapp.sync import queries, tokens
from webapp.sync.models import Run
from webapp.sync.views import bp
from webapp.sync.views.panels import page_values
from webapp.sync.views.tested import pretty
from webapp.tickets.words import status_choices

PAGE = 30
STRIP = 24  # runs in the strip of the overview
_STRIP_STATES = {"ok": "ok", "running": "working", "partial": "trouble", "cancelled": "off"}


@bp.get("/connections")
@requires(Permission.SYNC_MANAGE)
def list_connections() -> str:
    return render(
        "sync/list_connections.html",
        overview=queries.connections_overview(),
        live_topics=["staff", "admin"],
    )


@bp.get("/connections/<int:connection_id>")
@requires(Permission.SYNC_MANAGE)
def show_connection(connection_id: int) -> str:
    values = page_values(connection_id, tab="overview")
    runs = queries.runs_of(connection_id, limit=STRIP)
    return render(
        "sync/show_connection.html",
        **values,
        secret=tokens.current(connection_id),
        strip=[_strip(run) for run in reversed(runs)],
    )


@bp.get("/connections/<int:connection_id>/runs")
@requires(Permission.SYNC_MANAGE)
def show_runs(connection_id: int) -> str:
    values = page_values(connection_id, tab="runs")
    before = request.args.get("before", type=int)
    runs = queries.runs_of(connection_id, before_id=before, limit=PAGE + 1)
    return render(
        "sync/show_runs.html",
        **values,
        runs=runs[:PAGE],
        **_paging("show_runs", connection_id, [run.id for run in runs], before),
    )


@bp.get("/connections/<int:connection_id>/deliveries")
@requires(Permission.SYNC_MANAGE)
def show_deliveries(connection_id: int) -> str:
    values = page_values(connection_id, tab="deliveries")
    before = request.args.get("before", type=int)
    target = values["it"].connection.target
    found = deliveries.page_of(target=target, before_id=before, limit=PAGE + 1)
    return render(
        "sync/show_deliveries.html",
        **values,
        deliveries=found[:PAGE],
        **_paging("show_deliveries", connection_id, [each.id for each in found], before),
    )


@bp.get("/connections/<int:connection_id>/problems")
@requires(Permission.SYNC_MANAGE)
def show_problems(connection_id: int) -> str:
    values = page_values(connection_id, tab="problems")
    quarantined = queries.problems_of(connection_id)
    return render(
        "sync/show_problems.html",
        **values,
        quarantined=quarantined,
        payloads={record.id: pretty(record.payload) for record in quarantined},
        unmapped=queries.unmapped_of(connection_id),
        solved=queries.count_problems(connection_id, state="solved"),
        choices=status_choices(),
    )


def _paging(view: str, connection_id: int, ids: list[int], before: int | None) -> dict[str, Any]:
    here = f".{view}"
    older = ids[PAGE - 1] if len(ids) > PAGE else None
    return {
        "older": url_for(here, connection_id=connection_id, before=older) if older else None,
        "newest": url_for(here, connection_id=connection_id) if before else None,
    }


def _strip(run: Run) -> tuple[str, str, str]:
    words = _(
        "%(when)s: %(fetched)s fetched, %(created)s created, %(updated)s updated, %(failed)s failed",
        when=format_datetime(run.started_at, "d MMM y, HH:mm"),
        fetched=run.fetched,
        created=run.created,
        updated=run.updated,
        failed=run.quarantined,
    )
    address = url_for(".show_runs", connection_id=run.connection_id) + f"#run-{run.id}"
    return _STRIP_STATES.get(run.state, "broken"), words, address
