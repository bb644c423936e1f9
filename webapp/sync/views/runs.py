"""Runs: the last 24 hours on the overview, the timeline with its filters, and the page of one."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import clock, db
from webapp.core.forms import number_from
from webapp.core.web import render
from webapp.sync import history, queries, runs, strip, subjects
from webapp.sync.models import Connection, Run
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import field_words, subjects_of
from webapp.sync.views.panels import page_values
from webapp.sync.views.tested import pretty
from webapp.sync.words import STATES, TRIGGERS, error_name, seconds


@bp.get("/connections/<int:connection_id>/day")
@requires(Permission.SYNC_MANAGE)
def connection_day(connection_id: int) -> str:
    """The strip of the last 24 hours, which refetches itself."""
    queries.connection_for(viewer(), connection_id)
    return render("sync/_day.html", **day_values(connection_id))


@bp.get("/connections/<int:connection_id>/runs")
@requires(Permission.SYNC_MANAGE)
def show_runs(connection_id: int) -> str:
    """Newest first, narrowed as the address says."""
    chosen = history.chosen_from(request.args)
    before = number_from(request.args.get("before"))
    found = history.page_of(connection_id, chosen, zone=viewer().zone, before=before)
    args: dict[str, Any] = {"connection_id": connection_id, **chosen.as_args()}
    return render(
        "sync/show_runs.html",
        **page_values(connection_id, tab="runs"),
        chosen=chosen,
        runs=found.runs,
        older=url_for(".show_runs", **args, before=found.older) if found.older else None,
        newest=url_for(".show_runs", **args) if before else None,
        states=list(STATES.items()),
        triggers=list(TRIGGERS.items()),
        **_words(),
    )


@bp.get("/connections/<int:connection_id>/runs/<int:run_id>")
@requires(Permission.SYNC_MANAGE)
def show_run(connection_id: int, run_id: int) -> str:
    """One run with everything that is known of it."""
    values = page_values(connection_id, tab="runs")
    run = history.run_of(connection_id, run_id)
    problems = history.problems_of(run)
    before, after = history.neighbours(run)
    return render(
        "sync/show_run.html",
        **values,
        run=run,
        problems=problems,
        made=_made(run, values["it"].connection),
        payloads={each.record.id: pretty(each.record.payload) for each in problems},
        **field_words(values["it"].connection),
        cursors=[
            (_("Place before"), pretty(run.cursor_before)),
            (_("Place after"), pretty(run.cursor_after)),
        ],
        earlier=url_for(".show_run", connection_id=connection_id, run_id=before)
        if before
        else None,
        later=url_for(".show_run", connection_id=connection_id, run_id=after) if after else None,
        **_words(),
    )


def _made(run: Run, connection: Connection) -> str:
    """What is new by kind, where there is more than one; empty where others added to it meanwhile."""
    if not run.created or len(subjects_of(connection)) < 2:
        return ""
    made = runs.made_by(db.session(), run)
    return subjects.counted(made) if sum(made.values()) == run.created else ""


def day_values(connection_id: int) -> dict[str, Any]:
    """The last 24 hours: bars, hours, and how it went in numbers."""
    runs, now = history.last_day(connection_id), clock.now()
    return {
        "connection_id": connection_id,
        "bars": [(bar, _bar_words(bar.run)) for bar in strip.bars_of(runs, now=now)],
        "hours": strip.hours_of(runs, now=now),
        "runs_failed": sum(run.state == "failed" for run in runs),
        "begins": now - strip.DAY,
        "drawing": strip,
        "seconds": seconds,
    }


def _words() -> dict[str, Any]:
    return {
        "sum_of": history.sum_of,
        "adds_up": history.adds_up,
        "error_name": error_name,
        "seconds": seconds,
        "trigger_words": TRIGGERS,
    }


def _bar_words(run: Run) -> str:
    took = strip.took(run, clock.now())
    words = _(
        "%(when)s, %(state)s, %(took)s: %(created)s created, %(updated)s updated, %(failed)s failed",
        when=format_datetime(run.started_at, "d MMM, HH:mm"),
        state=str(STATES.get(run.state, run.state)),
        took=seconds(took),
        created=run.created,
        updated=run.updated,
        failed=run.quarantined,
    )
    return f"{words}. {error_name(run.error_kind)}" if run.error_kind else words
