"""Pages of targets, of one ticket's times, and of the reports."""

from __future__ import annotations

from webapp.targets.views import calendars, reports, settings, times
from webapp.targets.views.blueprint import bp

__all__ = ["bp", "calendars", "reports", "settings", "times"]
