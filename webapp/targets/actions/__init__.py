"""The only writers of targets, calendars and tickets' deadlines. None commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.targets.actions.editing import (
        delete_calendar,
        delete_target,
        save_calendar,
        save_target,
        take_holidays,
    )
    from webapp.targets.actions.keeping import keep_times, recompute_some, set_waiting
    from webapp.targets.actions.report_mails import REPORT, send_due_reports, set_report_mail
    from webapp.targets.actions.watching import watch_deadlines
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "REPORT",
    "delete_calendar",
    "delete_target",
    "keep_times",
    "recompute_some",
    "save_calendar",
    "save_target",
    "send_due_reports",
    "set_report_mail",
    "set_waiting",
    "take_holidays",
    "watch_deadlines",
]
