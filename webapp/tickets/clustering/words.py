"""Likeness and trends in words for people."""

from __future__ import annotations

from flask_babel import format_decimal, gettext, ngettext

from webapp.tickets.clustering.models import Suggestion
from webapp.tickets.clusters import Likeness
from webapp.tickets.trends import Trend


def likeness_words(found: Suggestion | Likeness) -> str:
    """Why they look alike: “120 m, 2 days, 71 % alike”."""
    near = (
        gettext("same barangay")
        if found.metres is None
        else gettext("%(n)s m", n=format_decimal(found.metres))
    )
    days = (
        ngettext("%(num)s day", "%(num)s days", found.days) if found.days else gettext("same day")
    )
    return f"{near}, {days}, " + gettext("%(n)s %% alike", n=found.alike)


def trend_words(trend: Trend) -> str:
    """“12 this week, 3.5 a week before”."""
    this = gettext("%(n)s this week", n=format_decimal(trend.this_week))
    if not trend.before:
        return gettext("%(this)s, none in the four weeks before", this=this)
    mean = format_decimal(round(trend.mean_before, 1))
    return gettext("%(this)s, %(mean)s a week before", this=this, mean=mean)
