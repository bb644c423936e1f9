"""The only writers of targets, calendars and tickets' deadlines. None commits."""

from __future__ import annotations

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
