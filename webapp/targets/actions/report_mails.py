"""Reports that people have by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core import clock, db, settings
from webapp.mail import ending
from webapp.mail.actions import queue_mail
from webapp.targets import queries
from webapp.targets.models import ReportMail
from webapp.targets.period import Wanted

AT = time(8, 0)  # of the person's own morning
WEEK, MONTH = "week", "month"
REPORT = "report"  # what an address that ends these mails calls them


def set_report_mail(user: User, *, every: str, args: Mapping[str, Any]) -> None:
    """`every`: week, month, or anything else for no longer. One report a person."""
    session = db.session()
    row = session.scalar(select(ReportMail).where(ReportMail.user_id == user.id))
    if every not in (WEEK, MONTH):
        if row is not None:
            session.delete(row)
        return
    row = row or ReportMail(user_id=user.id)
    row.every, row.args = every, dict(args)
    row.next_at = next_time(every, after=clock.now(), user=user)
    session.add(row)


def send_due_reports() -> int:
    """Queues the mails whose time has come. How many."""
    due = (
        select(ReportMail)
        .where(ReportMail.next_at <= clock.now())
        .with_for_update(skip_locked=True)
    )
    sent = 0
    for row in db.session().scalars(due).all():
        user = db.session().get(User, row.user_id)
        if user is None or not user.may(Permission.TICKETS_SEE):
            db.session().delete(row)
            continue
        _mail(user, row)
        row.next_at = next_time(row.every, after=clock.now(), user=user)
        sent += 1
    return sent


def next_time(every: str, *, after: datetime, user: User) -> datetime:
    """The next Monday, or first of a month, at 08:00 of the person's zone."""
    day = after.astimezone(user.zone).date()
    while True:
        at = datetime.combine(day, AT, tzinfo=user.zone).astimezone(UTC)
        fits = day.weekday() == 0 if every == WEEK else day.day == 1
        if fits and at > after:
            return at
        day += timedelta(days=1)


def _mail(user: User, row: ReportMail) -> None:
    wanted = Wanted.of(row.args)
    period = wanted.period(clock.now().astimezone(user.zone).date(), user.zone)
    found = queries.report(period, wanted.group)
    address = "&".join(f"{name}={value}" for name, value in wanted.as_args().items())
    queue_mail(
        "agent_report",
        to_address=user.email,
        to_name=user.name,
        values={
            "desk": desk().name,
            "name": user.name,
            "ref": gettext("Report"),
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "total": _figures(found.total),
            "rows": [_figures(each) for each in found.rows[:20]],
            "url": f"{settings.current().base_url}/reports?{address}",
        },
        subject=("user", user.id),
        role=f"user:{user.id}",
        unsubscribe=ending.url_of(f"user:{user.id}", REPORT),
        summary=gettext("A report to a colleague who asked for it"),
    )


def _figures(row: queries.Row) -> dict[str, Any]:
    return {
        "name": row.name or gettext("Not said"),
        "came": row.came,
        "finished": row.finished,
        "unfinished": row.unfinished,
        "answer": _hours(row.answer.median),
        "solution": _hours(row.solution.median),
    }


def _hours(seconds: float | None) -> str:
    return "–" if seconds is None else gettext("%(hours)s h", hours=round(seconds / 3600, 1))
