"""Figures that are set right by hand or by a program. Each correction is an event with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.errors import Invalid
from webapp.events.types import Actor
from webapp.progress import events
from webapp.progress.actions.dated import record_on
from webapp.progress.models import DayTotal
from webapp.progress.queries import today_of


def correct(
    user: User, by: Mapping[str, int], *, actor: Actor, day: date | None = None, reason: str = ""
) -> None:
    """Adds to the figures of `day` (today without). Raises Invalid where a figure would fall below nothing in all."""
    wanted = {figure: number for figure, number in by.items() if number}
    for figure, number in wanted.items():
        column = getattr(DayTotal, figure)
        total = db.session().scalar(select(func.sum(column)).where(DayTotal.user_id == user.id))
        if (total or 0) + number < 0:
            raise Invalid(gettext("A figure cannot fall below nothing."))
    if wanted:
        record_on(
            day or today_of(user),
            events.ProgressCorrected,
            user,
            actor=actor,
            by=wanted,
            reason=reason,
        )


def mark_day(user: User, *, actor: Actor) -> bool:
    """Today counts for the streak. Whether it did not before."""
    today = today_of(user)
    row = db.session().get(DayTotal, (user.id, today), populate_existing=True)
    if row is not None and row.marks > 0:
        return False
    record_on(today, events.DayMarked, user, actor=actor)
    return True


def set_week(
    user: User, *, week_of: date | None, minutes: int, logs: int, actor: Actor
) -> tuple[date, int, int]:
    """The week that `week_of` lies in comes to these figures: the difference is a correction. (Monday, minutes, logs).

    Sent twice, the second changes nothing. Raises Invalid for a week that has not begun.
    """
    today = today_of(user)
    some_day = week_of or today
    monday = some_day - timedelta(days=some_day.weekday())
    if monday > today:
        words = gettext("This week has not begun yet.")
        raise Invalid(words, fields={"weekStart": words})
    sums = select(
        func.coalesce(func.sum(DayTotal.minutes), 0), func.coalesce(func.sum(DayTotal.logs), 0)
    ).where(
        DayTotal.user_id == user.id,
        DayTotal.day >= monday,
        DayTotal.day < monday + timedelta(days=7),
    )
    had_minutes, had_logs = db.session().execute(sums).one()
    correct(
        user,
        {"minutes": minutes - had_minutes, "logs": logs - had_logs},
        actor=actor,
        day=min(monday + timedelta(days=6), today),
        reason="week",
    )
    return monday, minutes, logs
