"""Health for people (/health), for load balancers (/healthz, /readyz), and figures for Prometheus (/metrics)."""

from __future__ import annotations

from flask import Response, jsonify, redirect, request, url_for
from flask_login import current_user
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.guards import public, requires, viewer
from webapp.accounts.roles import Permission
from webapp.admin import health as rules
from webapp.admin import metrics as figures
from webapp.admin import probes
from webapp.admin.views import bp
from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.core.web import is_htmx, render
from webapp.realtime import roundtrip
from webapp.sync.queries import Overview, connection_for, connections_overview, overview_of


@bp.get("/health")
@requires(Permission.DESK_MANAGE)
def health() -> str:
    return render(
        "admin/health.html",
        checks=probes.own_parts(),
        upstreams=connections_overview(),
        live_topics=["staff", "admin"],
    )


@bp.post("/health/live")
@requires(Permission.DESK_MANAGE)
def try_live() -> str | BaseResponse:
    """Send an event through the public address and back, now."""
    roundtrip.check()
    if not is_htmx():
        return redirect(url_for("admin.health"), 303)
    return render("admin/_health.html", checks=probes.own_parts(), upstreams=connections_overview())


@bp.get("/health/connection/<int:connection_id>")
@requires(Permission.DESK_MANAGE)
def connection_health(connection_id: int) -> str:
    """One upstream and what of the desk it needs, side by side, for the connection's page."""
    overview = overview_of(connection_for(viewer(), connection_id))
    refused = overview.connection.state == "auth_error"
    return render(
        "admin/_beside.html",
        connection_id=connection_id,
        checks=rules.beside(overview.health, probes.own_parts(), refused=refused),
        why_at=_why_at(overview, refused=refused),
    )


def _why_at(overview: Overview, *, refused: bool) -> str:
    """The page where what ails the upstream is seen, and mended if it can be."""
    number = overview.connection.id
    if refused:
        return url_for("sync.show_settings", connection_id=number) + "#token"
    if overview.health.kind != "degraded":
        return url_for("sync.show_runs", connection_id=number)
    only_ours = overview.parked and not (overview.problems or overview.conflicts)
    if only_ours and overview.connection.state == "active":
        return url_for("sync.show_deliveries", connection_id=number, state="parked")
    return url_for("sync.show_problems", connection_id=number)


@bp.get("/healthz")
@public
def alive() -> Response:
    """This process answers. Nothing else is asked."""
    return jsonify(status="alive")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Whether pages can be served, and how each part is: states only, as everybody may ask.

    503 only for what is essential (see admin/health.py).
    """
    checks = probes.own_parts()
    ready = rules.ready(checks)
    parts = {c.name: {"state": c.state, "essential": c.essential} for c in checks}
    return jsonify(ready=ready, checks=parts), 200 if ready else 503


@bp.get("/api/health")
@public
def api_health() -> tuple[Response, int]:
    """The same for programs, with one word for the whole: ok, degraded (pages work, a part does not) or down."""
    checks = probes.own_parts()
    ready = rules.ready(checks)
    ailing = [c.name for c in checks if c.state not in (rules.OK, rules.OFF)]
    status = ("degraded" if ailing else "ok") if ready else "down"
    answer = jsonify(
        status=status,
        time=clock.now().isoformat(),
        ailing=ailing,
        checks={c.name: c.state for c in checks},
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if ready else 503


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Counts only. For scrapers on this machine, and for signed-in admins; nobody else learns that it exists.

    A request that came through a proxy carries X-Forwarded-For and so is never taken for a local one.
    """
    forwarded = any(
        name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    )
    local = request.remote_addr in ("127.0.0.1", "::1") and not forwarded
    admin = current_user.is_authenticated and current_user.may(Permission.DESK_MANAGE)
    if not (local or admin):
        raise NotFound("There is nothing at this address, or you may not see it.")
    return Response(figures.exposition(), content_type=CONTENT_TYPE_LATEST)
