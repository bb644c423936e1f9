"""Targets and calendars are made, changed and removed. What was changed is told as a change of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts.events import DeskEdited
from webapp.accounts.queries import desk
from webapp.core import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.queue import enqueue
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.targets.forms import CalendarForm, TargetForm
from webapp.targets.hours import read_week
from webapp.targets.models import Calendar, Holiday, Target

TARGETS, CALENDARS = "targets", "calendars"


def save_target(target: Target | None, form: TargetForm, *, actor: Actor) -> Target:
    """A new one stands behind all others. Deadlines of unfinished tickets are worked out anew in the background.

    Raises Invalid where the name is taken, or nothing is aimed at.
    """
    if form.first_response is None and form.next_response is None and form.resolution is None:
        words = gettext("Say how soon at least one of the three is to happen.")
        raise Invalid(words, fields={"first_response": words})
    _check_free(Target, form.name, own_id=target.id if target else None)
    row = target or Target()
    old = _in_words(row) if target else None
    for field, value in form.model_dump().items():
        setattr(row, field, value)
    session = db.session()
    if target is None:
        row.position = form.position or (session.scalar(select(func.max(Target.position))) or 0) + 1
        session.add(row)
    session.flush()
    new = _in_words(row)
    if old != new:
        _note(TARGETS, old, new, actor=actor)
    _anew()
    return row


def delete_target(target: Target, *, actor: Actor) -> None:
    old = _in_words(target)
    db.session().delete(target)
    _note(TARGETS, old, None, actor=actor)
    _anew()


def save_calendar(
    calendar: Calendar | None, form: CalendarForm, week: Mapping[str, str], *, actor: Actor
) -> Calendar:
    """`week`: day → its hours as text. Raises Invalid."""
    read_week(week)
    _check_free(Calendar, form.name, own_id=calendar.id if calendar else None)
    row = calendar or Calendar()
    old = _days_in_words(row) if calendar else None
    row.name, row.timezone, row.week = form.name, form.timezone, dict(week)
    db.session().add(row)
    db.session().flush()
    if old != _days_in_words(row):
        _note(CALENDARS, old, _days_in_words(row), actor=actor)
    _anew()
    return row


def delete_calendar(calendar: Calendar, *, actor: Actor) -> None:
    """Raises Conflict while a target counts by it."""
    used = db.session().scalar(select(Target.name).where(Target.calendar_id == calendar.id))
    if used is not None:
        raise Conflict(
            gettext("“%(name)s” counts by it. Choose other hours there first.", name=used)
        )
    old = _days_in_words(calendar)
    db.session().delete(calendar)
    _note(CALENDARS, old, None, actor=actor)


def take_holidays(
    calendar: Calendar, days: Sequence[tuple[date, str]], *, replace: bool, actor: Actor
) -> int:
    """Days off, added to those that stand, or in their place. How many are new."""
    known = {each.day: each for each in calendar.holidays}
    wanted = dict(days)
    if replace:
        for day, each in known.items():
            if day not in wanted:
                calendar.holidays.remove(each)
    new = [day for day in wanted if day not in known]
    calendar.holidays.extend(Holiday(day=day, name=wanted[day][:120]) for day in new)
    db.session().flush()
    words = gettext(
        "%(name)s: %(count)s days off", name=calendar.name, count=len(calendar.holidays)
    )
    _note(CALENDARS, calendar.name, words, actor=actor)
    _anew()
    return len(new)


def _anew() -> None:
    from webapp.targets import tasks  # they stand above

    enqueue(tasks.recompute)


def _check_free(model: type[Target] | type[Calendar], name: str, *, own_id: int | None) -> None:
    found = db.session().scalar(select(model.id).where(model.name == name))
    if found is not None and found != own_id:
        words = gettext("There is one of this name already.")
        raise Invalid(words, fields={"name": words})


def _note(what: str, old: str | None, new: str | None, *, actor: Actor) -> None:
    db.session().flush()
    record(
        DeskEdited(subject_id=desk().id or 0, changes={what: [old or "", new or ""]}), actor=actor
    )


def _in_words(target: Target) -> str:
    aims = (target.first_response, target.next_response, target.resolution)
    minutes = " / ".join("–" if each is None else f"{each} min" for each in aims)
    where = target.category or gettext("any category")
    state = "" if target.active else f" ({gettext('off')})"
    return f"{target.name}: {where}, {target.priority or '*'}: {minutes}{state}"


def _days_in_words(calendar: Calendar) -> str:
    days = "; ".join(f"{day} {hours}" for day, hours in calendar.written() if hours)
    return f"{calendar.name} ({calendar.timezone}): {days}"
