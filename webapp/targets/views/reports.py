"""/reports: what came, what was finished, how long it took; also by mail, week by week."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import charts, clock
from webapp.core.charts import Series
from webapp.core.db import transaction
from webapp.core.web import render, toast
from webapp.targets import actions, queries
from webapp.targets.period import DAYS, GROUPS, Period, Wanted
from webapp.targets.queries.reports import Report, Row
from webapp.targets.views.blueprint import bp
from webapp.tickets.queries.filters import NOBODY, NONE
from webapp.tickets.words import priority_name, source_name


@bp.get("/reports")
@requires(Permission.TICKETS_SEE)
def show_reports() -> str:
    wanted = Wanted.of(request.args)
    period = wanted.period(clock.now().astimezone(viewer().zone).date(), viewer().zone)
    found = queries.report(period, wanted.group)
    for row in found.rows:
        row.name = _name(wanted.group, row)
    return render(
        "targets/show_reports.html",
        wanted=wanted,
        period=period,
        report=found,
        lists=lambda row, **more: _list(wanted.group, row, period, **more),
        periods=_periods(wanted),
        groups=[(each, _groups()[each]) for each in GROUPS],
        group_name=_groups()[wanted.group],
        flow=_flow(found, period),
        mail=queries.report_mail_of(viewer().id),
    )


@bp.post("/reports/mail")
@requires(Permission.TICKETS_SEE)
def mail_reports() -> Response:
    """Have this report by mail every week or month, or no longer."""
    wanted = Wanted.of(request.form)
    every = request.form.get("every", "")
    with transaction():
        actions.set_report_mail(viewer(), every=every, args=wanted.as_args())
    said = {
        "week": _("The report comes every Monday at 08:00."),
        "month": _("The report comes on the first of each month at 08:00."),
    }
    toast("updated", said.get(every, _("The report comes no longer.")))
    return redirect(url_for(".show_reports", **wanted.as_args()), 303)


def _groups() -> dict[str, str]:
    return {
        "category": _("Category"),
        "barangay": _("Barangay"),
        "team": _("Team (department)"),
        "agent": _("Assignee"),
        "source": _("Source"),
        "priority": _("Priority"),
    }


def _name(group: str, row: Row) -> str:
    if group == "priority":
        return priority_name(int(row.key))
    if group == "source":
        return source_name(row.key, row.name if row.name != row.key else "")
    return row.name or {"agent": _("Nobody"), "team": _("No team")}.get(group, _("Not said"))


def _periods(wanted: Wanted) -> list[tuple[str, str, bool]]:
    names = {7: _("7 days"), 30: _("30 days"), 90: _("90 days"), 365: _("A year")}
    own = wanted.first is not None
    return [
        (
            names[days],
            url_for(".show_reports", days=days, group=wanted.group),
            wanted.days == days and not own,
        )
        for days in DAYS
    ]


def _list(group: str, row: Row | None, period: Period, **more: str) -> str:
    """The list behind a figure: of what came in, or with `of="finished"` of what was finished, in the period."""
    of = more.pop("of", "came")
    days = {f"{of}_from": period.first.isoformat(), f"{of}_to": period.last.isoformat()}
    args: dict[str, Any] = {"status": "all", "merged": "1", **days, **more}
    if row is not None:
        name = {"agent": "assignee"}.get(group, group)
        args[name] = row.key or (NOBODY if group in ("agent", "team") else NONE)
    return url_for("tickets.list_tickets", **args)


def _flow(report: Report, period: Period) -> charts.Chart:
    return charts.lines_of(
        "flow",
        _("Came and finished") if period.days <= 62 else _("Came and finished, by week"),
        [format_date(day, "d MMM") for day, _came, _done in report.flow],
        [
            Series("blue", _("Came"), [came for _day, came, _done in report.flow]),
            Series("green", _("Finished"), [done for _day, _came, done in report.flow]),
        ],
        words=lambda number: str(int(number or 0)),
        whole=True,
    )
