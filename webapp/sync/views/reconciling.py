"""Comparing with the upstream: begin, stop, look at what differs, repair it either way after a preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.bulk import actions as bulk
from webapp.core.db import transaction
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.sync import queries
from webapp.sync.forms import Compared, Repaired
from webapp.sync.push.queueing import pushed_fields
from webapp.sync.reconcile import actions, repairing
from webapp.sync.reconcile import queries as comparisons
from webapp.sync.reconcile.models import FIELD, HERE, THERE
from webapp.sync.reconcile.queries import Narrowed
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import field_words, subjects_of
from webapp.sync.views.panels import page_values

PAGE = 50


@bp.get("/connections/<int:connection_id>/reconcile")
@requires(Permission.SYNC_MANAGE)
def show_reconcile(connection_id: int) -> str:
    values = page_values(connection_id, tab="reconcile")
    history = comparisons.comparisons_of(connection_id)
    wanted = number_from(request.args.get("comparison"))
    shown = comparisons.get(connection_id, wanted) if wanted else next(iter(history), None)
    return render(
        "sync/show_reconcile.html",
        **values,
        history=history,
        history_counts=comparisons.drift_counts([each.id for each in history]),
        running=next((each for each in history if each.state == "running"), None),
        comparison=shown,
        **(_found(values["it"].connection, shown.id) if shown else {}),
        **field_words(values["it"].connection),
        ways=_ways(),
    )


@bp.post("/connections/<int:connection_id>/reconcile")
@requires(Permission.SYNC_MANAGE)
def begin_reconcile(connection_id: int) -> Response:
    form = parse(Compared, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        actions.begin(connection, extent=form.extent, actor=viewer().actor)
    toast("info", _("The comparison begins; you may leave this page."))
    return redirect(url_for(".show_reconcile", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/reconcile/stop")
@requires(Permission.SYNC_MANAGE)
def stop_reconcile(connection_id: int) -> Response:
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        stopped = actions.stop(connection, actor=viewer().actor)
    toast("updated", _("Stopped. What it found stays.") if stopped else _("None is running."))
    return redirect(url_for(".show_reconcile", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/reconcile/<int:comparison_id>/repair")
@requires(Permission.SYNC_MANAGE)
def plan_repair(connection_id: int, comparison_id: int) -> Response:
    """Make the list for a preview: the ticked ones, or all that the filter leaves."""
    form = parse(Repaired, request.form)
    ids = tuple(n for n in map(number_from, request.form.getlist("ids")) if n)
    chosen = _narrowed(request.form)
    back = _here(connection_id, comparison_id, chosen)
    if form.which == "ticked" and not ids:
        toast("error", _("Tick the differences that you mean first."))
        return redirect(back, 303)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        comparisons.get(connection_id, comparison_id)
        items = comparisons.candidates(
            comparison_id,
            chosen,
            how=form.how,
            connection=connection,
            ids=ids if form.which == "ticked" else (),
        )
        planned = bulk.plan(
            kind=form.how,
            scope=connection.target,
            title=_ways()[form.how],
            back=back,
            items=items,
            actor=viewer().actor,
        )
    return redirect(url_for("admin.show_many", bulk_id=planned.id), 303)


def _found(connection: Any, comparison_id: int) -> dict[str, Any]:
    chosen = _narrowed(request.args)
    after = number_from(request.args.get("after")) or 0
    rows = comparisons.drift_of(comparison_id, chosen, after_id=after, limit=PAGE + 1)
    more = rows[PAGE - 1].row.id if len(rows) > PAGE else None
    here = _here(connection.id, comparison_id, chosen)
    return {
        "chosen": chosen,
        "counts": comparisons.counts_of(comparison_id),
        "drift": rows[:PAGE],
        "sends": {
            field for kind in subjects_of(connection) for field in pushed_fields(connection, kind)
        },
        "older": f"{here}&after={more}" if more else None,
        "newest": here if after else None,
        "kinds": kind_words(),
    }


def kind_words() -> dict[str, str]:
    return {
        FIELD: _("Differs"),
        THERE: _("Missing there"),
        HERE: _("Missing here"),
    }


def _ways() -> dict[str, str]:
    return {
        repairing.TAKE: _("Take theirs"),
        repairing.PUSH: _("Send ours"),
        repairing.BRING: _("Take them in"),
        repairing.GONE: _("Mark as gone there"),
    }


def _narrowed(args: Mapping[str, str]) -> Narrowed:
    kind, state, moved = args.get("kind", ""), args.get("state", "open"), args.get("moved", "")
    return Narrowed(
        kind=kind if kind in (FIELD, THERE, HERE) else "",
        field=args.get("field", "").replace("\x00", "")[:40],
        state=state if state in ("open", "repaired", "all") else "open",
        moved=moved if moved in ("theirs", "ours", "both") else "",
    )


def _here(connection_id: int, comparison_id: int, chosen: Narrowed) -> str:
    return url_for(
        ".show_reconcile",
        connection_id=connection_id,
        comparison=comparison_id,
        kind=chosen.kind or None,
        field=chosen.field or None,
        moved=chosen.moved or None,
        state=chosen.state,
    )
