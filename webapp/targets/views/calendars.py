"""/settings/calendars: when work is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.accounts.zones import timezone_choices
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.targets import actions, ical, queries
from webapp.targets.forms import CalendarForm
from webapp.targets.hours import DAYS
from webapp.targets.models import Calendar
from webapp.targets.views.blueprint import bp

Answer = str | tuple[str, int] | Response
LARGEST_FILE = 1024 * 1024
USUAL = dict.fromkeys(DAYS[:5], "08:00-12:00, 13:00-17:00")


@bp.get("/settings/calendars/new")
@requires(Permission.DESK_MANAGE)
def new_calendar() -> str:
    return _form(None, values={"timezone": desk().timezone, **USUAL})


@bp.post("/settings/calendars/new")
@requires(Permission.DESK_MANAGE)
def create_calendar() -> Answer:
    return _save(None)


@bp.get("/settings/calendars/<int:calendar_id>")
@requires(Permission.DESK_MANAGE)
def show_calendar(calendar_id: int) -> str:
    return _form(queries.get_calendar(calendar_id))


@bp.post("/settings/calendars/<int:calendar_id>")
@requires(Permission.DESK_MANAGE)
def save_calendar(calendar_id: int) -> Answer:
    return _save(queries.get_calendar(calendar_id))


@bp.post("/settings/calendars/<int:calendar_id>/delete")
@requires(Permission.DESK_MANAGE)
def delete_calendar(calendar_id: int) -> Response:
    with transaction():
        actions.delete_calendar(queries.get_calendar(calendar_id), actor=viewer().actor)
    toast("updated", _("The calendar is gone."))
    return redirect(url_for(".list_targets"), 303)


@bp.post("/settings/calendars/<int:calendar_id>/holidays")
@requires(Permission.DESK_MANAGE)
def take_holidays(calendar_id: int) -> Answer:
    """From a calendar file, or one day by hand."""
    calendar = queries.get_calendar(calendar_id)
    try:
        days = _days()
        with transaction():
            new = actions.take_holidays(
                queries.get_calendar(calendar_id),
                days,
                replace=bool(request.form.get("replace")),
                actor=viewer().actor,
            )
    except Invalid as error:
        return _form(calendar, errors=error.fields or {"file": error.message}), 422
    toast("updated", _("%(count)s days off were added.", count=new))
    return redirect(url_for(".show_calendar", calendar_id=calendar_id) + "#holidays", 303)


@bp.post("/settings/calendars/<int:calendar_id>/holidays/<day>/remove")
@requires(Permission.DESK_MANAGE)
def remove_holiday(calendar_id: int, day: str) -> Response:
    with transaction():
        calendar = queries.get_calendar(calendar_id)
        kept = [(e.day, e.name) for e in calendar.holidays if e.day.isoformat() != day]
        actions.take_holidays(calendar, kept, replace=True, actor=viewer().actor)
    return redirect(url_for(".show_calendar", calendar_id=calendar_id) + "#holidays", 303)


def _days() -> list[tuple[date, str]]:
    file = request.files.get("file")
    if file is not None and file.filename:
        return ical.holidays(file.read(LARGEST_FILE).decode("utf-8", "replace"))
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        words = _("Choose a day, or a calendar file (.ics).")
        raise Invalid(words, fields={"day": words}) from None
    return [(day, request.form.get("holiday", "").strip()[:120])]


def _save(calendar: Calendar | None) -> Answer:
    try:
        form = parse(CalendarForm, request.form)
        week = {day: request.form.get(day, "").strip() for day in DAYS}
        with transaction():
            row = queries.get_calendar(calendar.id) if calendar else None
            saved = actions.save_calendar(row, form, week, actor=viewer().actor)
    except Invalid as error:
        errors = error.fields or {"": error.message}
        return _form(calendar, values=request.form, errors=errors), 422
    toast("updated", _("The hours “%(name)s” are saved; deadlines follow.", name=saved.name))
    return redirect(url_for(".show_calendar", calendar_id=saved.id), 303)


def _form(
    calendar: Calendar | None,
    *,
    values: Mapping[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    shown = values
    if shown is None and calendar is not None:
        shown = {"name": calendar.name, "timezone": calendar.timezone, **calendar.week}
    return render(
        "targets/calendar.html",
        calendar=calendar,
        values=shown or {},
        errors=errors or {},
        days=day_names(),
        timezones=timezone_choices(),
    )


def day_names() -> list[tuple[str, str]]:
    names = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return list(zip(DAYS, names, strict=True))
