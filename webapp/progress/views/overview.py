"""/progress: a person in figures. Admins may look at anybody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from secrets import token_urlsafe

from flask import request
from flask_babel import format_date
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.models import User
from webapp.accounts.queries import get_user
from webapp.accounts.roles import Permission
from webapp.core import charts
from webapp.core.charts import Series
from webapp.core.errors import NotFound
from webapp.core.forms import number_from
from webapp.core.web import render
from webapp.progress import queries
from webapp.progress.views.blueprint import bp

RECENT = 8


@bp.get("/progress")
@requires(Permission.PROGRESS_KEEP)
def overview() -> str:
    return render("progress/overview.html", **_values(), key=token_urlsafe(16))


@bp.get("/progress/figures")
@requires(Permission.PROGRESS_KEEP)
def figures() -> str:
    """The part that keeps itself fresh."""
    return render("progress/_figures.html", **_values())


def _values() -> dict[str, object]:
    person = _person()
    found = queries.analytics_of(person)
    recent, _total = queries.activities_page(person, skip=0, limit=RECENT)
    return {
        "person": person,
        "mine": person.id == viewer().id,
        "found": found,
        "weeks": _chart("weeks", _("Hours by week"), found.weekly, "d MMM"),
        "months": _chart("months", _("Hours by month"), found.monthly, "MMM y"),
        "milestones": queries.milestones_of(person),
        "recent": recent,
        "today": queries.today_of(person).isoformat(),
        "live_topics": [f"user:{viewer().id}"],
    }


def _person() -> User:
    """Whose figures: one's own, or for admins ?person=…"""
    wanted = number_from(request.args.get("person"))
    if wanted is None or wanted == viewer().id:
        return viewer()
    if not viewer().may(Permission.DESK_MANAGE):
        raise NotFound(_("There is no such person."))
    return get_user(wanted)


def _chart(
    name: str, title: str, stretches: Sequence[tuple[date, float, int]], form: str
) -> charts.Chart:
    return charts.columns_of(
        name,
        title,
        [format_date(start, form) for start, _hours, _logs in stretches],
        [Series("blue", _("Hours"), [round(hours, 2) for _start, hours, _logs in stretches])],
        words=lambda number: f"{number or 0:g}",
    )
