"""Readings of targets and of what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.targets.queries.reports import Report, Row, report, report_mail_of
    from webapp.targets.queries.responsible import responsible_for
    from webapp.targets.queries.settings import (
        Targets,
        all_targets,
        calendars,
        get_calendar,
        get_target,
        targets,
    )
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "Report",
    "Row",
    "Targets",
    "all_targets",
    "calendars",
    "get_calendar",
    "get_target",
    "report",
    "report_mail_of",
    "responsible_for",
    "targets",
]
