"""Figures of a period: how many came, how many were finished, how long it took. Each in one statement or two.

Averages, medians and 90th percentiles are taken over all that came in the period; what is not answered or finished yet
counts with the time so far, so that a bad week cannot look good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, and_, case, cast, extract, func, literal, or_, select
from sqlalchemy import String as Text
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.targets.models import ReportMail
from webapp.targets.period import Period
from webapp.tickets.models import Team, Ticket
from webapp.tickets.states import FINISHED, UNFINISHED

MOST_GROUPS = 50


class Spread(NamedTuple):
    """Seconds: on average, the middle one, and what nine of ten stayed within."""

    mean: float | None
    median: float | None
    most: float | None


NO_SPREAD = Spread(None, None, None)


@dataclass
class Row:
    """One group. Seconds; `*_met`: (in time, of how many that had a target)."""

    key: str
    name: str
    came: int = 0
    finished: int = 0
    unfinished: int = 0
    answer: Spread = NO_SPREAD
    solution: Spread = NO_SPREAD
    answers_met: tuple[int, int] = (0, 0)
    solutions_met: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Report:
    total: Row
    rows: Sequence[Row]
    more: int  # groups that are not shown
    flow: Sequence[tuple[date, int, int]] = field(default_factory=list)  # day, came, finished


def report(period: Period, group: str) -> Report:
    """`group`: period.GROUPS."""
    by = _column(group)
    rows = _rows(period, by)
    total = _rows(period, literal("")).get("", Row("", ""))
    names = _names(group, rows)
    for key, row in rows.items():
        row.name = names.get(key, key)
    ordered = sorted(rows.values(), key=lambda row: (-row.came, -row.unfinished, row.name))
    return Report(total, ordered[:MOST_GROUPS], max(0, len(ordered) - MOST_GROUPS), _flow(period))


def _rows(period: Period, by: ColumnElement[str]) -> dict[str, Row]:
    rows: dict[str, Row] = defaultdict(lambda: Row("", ""))
    came = (Ticket.created_at >= period.start, Ticket.created_at < period.end)
    in_time = case((Ticket.answered_in_time.is_(True), 1), else_=0)
    solved = case((Ticket.resolved_in_time.is_(True), 1), else_=0)
    counted = select(
        by,
        func.count(),
        func.sum(case((Ticket.status.in_(UNFINISHED), 1), else_=0)),
        func.sum(in_time),
        func.sum(case((_had(Ticket.answered_in_time, Ticket.respond_by), 1), else_=0)),
        func.sum(solved),
        func.sum(case((_had(Ticket.resolved_in_time, Ticket.resolve_by), 1), else_=0)),
    )
    for key, number, unfinished, met, had, done, wanted in db.session().execute(
        counted.where(*came).group_by(by)
    ):
        row = rows[key]
        row.key, row.came, row.unfinished = key, number, unfinished
        row.answers_met, row.solutions_met = (met, had), (done, wanted)
    finished = (Ticket.resolved_at >= period.start, Ticket.resolved_at < period.end)
    ended = select(by, func.count()).where(*finished, Ticket.status.in_(FINISHED)).group_by(by)
    for key, number in db.session().execute(ended):
        rows[key].key, rows[key].finished = key, number
    for key, spread in _spread(by, Ticket.first_response_at, came).items():
        rows[key].answer = spread
    for key, spread in _spread(by, Ticket.resolved_at, came).items():
        rows[key].solution = spread
    return rows


def _had(
    met: InstrumentedAttribute[bool | None], by: InstrumentedAttribute[datetime | None]
) -> ColumnElement[bool]:
    """It had a target whose time is over: met or missed, or still not done though due."""
    return or_(met.is_not(None), and_(by.is_not(None), by < clock.now()))


def _spread(
    by: ColumnElement[str],
    until: InstrumentedAttribute[datetime | None],
    came: tuple[ColumnElement[bool], ...],
) -> Mapping[str, Spread]:
    """group → the seconds from arrival to `until`, or to now."""
    took = _seconds(func.coalesce(until, literal(clock.now(), Ticket.created_at.type)))
    ranked = (
        select(
            by.label("key"),
            took.label("took"),
            func.row_number().over(partition_by=by, order_by=took).label("place"),
            func.count().over(partition_by=by).label("of"),
        )
        # One that was over before it came, as an upstream's old ones are, took none of our time.
        .where(*came, or_(until.is_(None), until >= Ticket.created_at))
        .subquery()
    )
    half = ranked.c.place * 2 >= ranked.c.of
    most = ranked.c.place * 10 >= ranked.c.of * 9
    query = select(
        ranked.c.key,
        func.avg(ranked.c.took),
        func.min(case((half, ranked.c.took))),
        func.min(case((most, ranked.c.took))),
    ).group_by(ranked.c.key)
    return {
        key: Spread(float(mean), float(middle), float(nearly_all))
        for key, mean, middle, nearly_all in db.session().execute(query)
    }


def _seconds(until: ColumnElement[datetime]) -> ColumnElement[float]:
    if db.session().get_bind().dialect.name == "postgresql":
        return cast(extract("epoch", until - Ticket.created_at), Float)
    days = func.julianday(until) - func.julianday(Ticket.created_at)
    return cast(func.round(days * 86_400), Float)


def _flow(period: Period) -> list[tuple[date, int, int]]:
    """Each day or week: how many came, how many were finished."""
    steps = period.steps
    came = _per_step(Ticket.created_at, steps)
    finished = _per_step(Ticket.resolved_at, steps)
    return [(day, came.get(n, 0), finished.get(n, 0)) for n, (day, _, _) in enumerate(steps)]


def _per_step(
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    steps: Sequence[tuple[date, datetime, datetime]],
) -> dict[int, int]:
    ends = [literal(end, Ticket.created_at.type) for _, _, end in steps]
    step = case(*[(column < end, n) for n, end in enumerate(ends)], else_=len(ends))
    query = (
        select(step, func.count())
        .where(column >= steps[0][1], column < steps[-1][2])
        .group_by(step)
    )
    return {int(n): count for n, count in db.session().execute(query)}


def _column(group: str) -> ColumnElement[str]:
    columns: dict[str, Any] = {
        "category": Ticket.category,
        "barangay": Ticket.barangay,
        "source": Ticket.source,
        "team": func.coalesce(cast(Ticket.team_id, Text), ""),
        "agent": func.coalesce(cast(Ticket.assignee_id, Text), ""),
        "priority": cast(Ticket.priority, Text),
    }
    found: ColumnElement[str] = columns[group]
    return found


def _names(group: str, rows: Mapping[str, Row]) -> dict[str, str]:
    """key → name, where a key is not its own name."""
    if group == "source":
        query = select(Ticket.source, func.max(Ticket.source_name)).where(Ticket.source.in_(rows))
        return {
            key: name for key, name in db.session().execute(query.group_by(Ticket.source)) if name
        }
    models: dict[str, type[Team] | type[User]] = {"team": Team, "agent": User}
    model = models.get(group)
    if model is None:
        return {}
    ids = [int(key) for key in rows if key]
    found = db.session().execute(select(model.id, model.name).where(model.id.in_(ids)))
    return {str(key): name for key, name in found}


def report_mail_of(user_id: int) -> ReportMail | None:
    """The report that this person has by mail."""
    return db.session().scalar(select(ReportMail).where(ReportMail.user_id == user_id))
