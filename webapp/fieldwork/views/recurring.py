"""/jobs/recurring: what comes round again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.fieldwork import actions, queries, words
from webapp.fieldwork.actions.repeating import FIELDS, rule_of
from webapp.fieldwork.forms import RecurringForm
from webapp.fieldwork.models import RecurringJob
from webapp.fieldwork.recurring import EVERY, days_of
from webapp.fieldwork.views.blueprint import bp, choices, topics
from webapp.fieldwork.views.employees import weekday_names
from webapp.tickets.views.intake import place_map

Answer = str | tuple[str, int] | Response
LOOKED_AHEAD = 370  # days in which the next one is looked for


@bp.get("/jobs/recurring")
@requires(Permission.JOBS_PLAN)
def list_recurring() -> str:
    found = queries.recurring_jobs()
    return render(
        "fieldwork/list_recurring.html",
        recurring=found,
        next_of={one.id: _next(one) for one in found},
        live_topics=topics(),
    )


@bp.get("/jobs/recurring/new")
@requires(Permission.JOBS_PLAN)
def new_recurring() -> str:
    today = queries.local_today(ZoneInfo(desk().timezone)).isoformat()
    begun = {"every": "weekly", "step": 1, "minutes": 60, "begins": "08:00", "days_ahead": 7}
    return _page(None, {**begun, "first_on": today, "priority": 2, "active": "1"}, {})


@bp.post("/jobs/recurring/new")
@requires(Permission.JOBS_PLAN)
def create_recurring() -> Answer:
    try:
        form = parse(RecurringForm, _typed())
        with transaction():
            queries.crew_named(form.crew)
            made = actions.create_recurring(form.model_dump(), actor=viewer().actor)
            _make_due(made)
    except Invalid as error:
        return _page(None, _typed(), error.fields), 422
    toast("new", _("“%(title)s” comes round from now on.", title=made.title))
    return redirect(url_for(".list_recurring"), 303)


@bp.get("/jobs/recurring/<int:recurring_id>")
@requires(Permission.JOBS_PLAN)
def edit_recurring(recurring_id: int) -> str:
    recurring = queries.recurring_by_id(recurring_id)
    return _page(recurring, _values_of(recurring), {})


@bp.post("/jobs/recurring/<int:recurring_id>")
@requires(Permission.JOBS_PLAN)
def save_recurring(recurring_id: int) -> Answer:
    try:
        form = parse(RecurringForm, _typed())
        with transaction():
            recurring = queries.recurring_by_id(recurring_id, lock=True)
            _check_version(recurring, form)
            actions.edit_recurring(recurring, form.model_dump(), actor=viewer().actor)
            _make_due(recurring)
    except (Invalid, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {"": error.message}
        status = 422 if isinstance(error, Invalid) else 409
        return _page(queries.recurring_by_id(recurring_id), _typed(), fields), status
    toast("updated", _("“%(title)s” is saved.", title=recurring.title))
    return redirect(url_for(".list_recurring"), 303)


@bp.post("/jobs/recurring/<int:recurring_id>/delete")
@requires(Permission.JOBS_PLAN)
def delete_recurring(recurring_id: int) -> Response:
    with transaction():
        recurring = queries.recurring_by_id(recurring_id, lock=True)
        actions.remove_recurring(recurring, actor=viewer().actor)
    toast("info", _("“%(title)s” comes round no longer. Its jobs stay.", title=recurring.title))
    return redirect(url_for(".list_recurring"), 303)


def _make_due(recurring: RecurringJob) -> None:
    if recurring.active:
        actions.make_due_jobs(recurring, zone=ZoneInfo(desk().timezone))


def _check_version(recurring: RecurringJob, form: RecurringForm) -> None:
    if form.version != recurring.version:
        raise Conflict(
            _("Meanwhile somebody else changed it. Save again to set what you see here.")
        )


def _next(recurring: RecurringJob) -> Any:
    today = queries.local_today(ZoneInfo(desk().timezone))
    days = days_of(rule_of(recurring), first=today, last=today + timedelta(days=LOOKED_AHEAD))
    return next(days, None) if recurring.active else None


def _typed() -> dict[str, Any]:
    lists = {name: ",".join(request.form.getlist(name)) for name in ("crew", "weekdays")}
    return {**request.form.to_dict(), **lists}


def _values_of(recurring: RecurringJob) -> dict[str, Any]:
    plain = {name: getattr(recurring, name) for name in FIELDS}
    lists = {name: ",".join(str(one) for one in plain[name]) for name in ("crew", "weekdays")}
    return {
        **plain,
        **lists,
        "checklist": "\n".join(recurring.checklist),
        "active": "1" if recurring.active else "",
    }


def _page(
    recurring: RecurringJob | None, values: Mapping[str, Any], errors: Mapping[str, str]
) -> str:
    offered = choices()
    return render(
        "fieldwork/recurring.html",
        recurring=recurring,
        values={"version": recurring.version if recurring else 0, **values},
        version=recurring.version if recurring else 0,
        errors=errors,
        rhythms=[(each, words.every_name(each)) for each in EVERY],
        weekdays=[(at, name) for at, (_day, name) in enumerate(weekday_names())],
        live_topics=topics(),
        place_map=place_map(),
        **offered,
    )
