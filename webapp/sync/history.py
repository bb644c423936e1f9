"""Readings of runs: the last 24 hours, the timeline with its filters, one run with its problems. All bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, func, or_, select

from webapp.core import clock, db
from webapp.core.errors import NotFound
from webapp.sync.models import Quarantine, Run, RunProblem

PAGE = 30
DAY = timedelta(hours=24)
STRIP = 600  # runs drawn at most; a connection asked every minute has more than this in a day
PROBLEMS = 200

PARTS = ("created", "updated", "unchanged", "deferred", "skipped", "quarantined")


@dataclass(frozen=True)
class Filters:
    """Which runs: by how they ended, what began them, days of the viewer's zone, only those with problems."""

    state: str = ""
    trigger: str = ""
    since: date | None = None
    until: date | None = None
    problems: bool = False

    @property
    def narrows(self) -> bool:
        return self != Filters()

    def as_args(self) -> dict[str, str]:
        """As they stand in the address."""
        found = {
            "state": self.state,
            "trigger": self.trigger,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "problems": "1" if self.problems else "",
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class RunPage:
    """`older`: the id to go on before; None on the last page."""

    runs: Sequence[Run]
    older: int | None


@dataclass(frozen=True)
class Problem:
    """A record that a run could not apply: the reason of then, the record as it came last."""

    record: Quarantine
    reason: str


def last_day(connection_id: int) -> Sequence[Run]:
    """The runs of the last 24 hours, oldest first; of very many the newest."""
    found = db.session().scalars(
        select(Run)
        .where(Run.connection_id == connection_id, Run.started_at >= clock.now() - DAY)
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(STRIP)
        .execution_options(populate_existing=True)
    )
    return list(reversed(found.all()))


def page_of(
    connection_id: int, chosen: Filters, *, zone: tzinfo, before: int | None = None
) -> RunPage:
    """Newest first, paged by id."""
    query = select(Run).where(Run.connection_id == connection_id, *_conditions(chosen, zone))
    if before is not None:
        query = query.where(Run.id < before)
    found = db.session().scalars(
        query.order_by(Run.id.desc()).limit(PAGE + 1).execution_options(populate_existing=True)
    )
    runs = found.all()
    return RunPage(runs[:PAGE], runs[PAGE - 1].id if len(runs) > PAGE else None)


def run_of(connection_id: int, run_id: int) -> Run:
    """Raises NotFound, also for a run of another connection."""
    run = db.session().get(Run, run_id, populate_existing=True)
    if run is None or run.connection_id != connection_id:
        raise NotFound(gettext("There is no such run; runs are kept for 90 days."))
    return run


def problems_of(run: Run) -> list[Problem]:
    """What it could not apply, by their numbers there; of very many the first."""
    rows = db.session().execute(
        select(Quarantine, RunProblem.reason)
        .join(RunProblem, RunProblem.quarantine_id == Quarantine.id)
        .where(RunProblem.run_id == run.id)
        .order_by(Quarantine.external_id, Quarantine.id)
        .limit(PROBLEMS)
    )
    return [Problem(record, reason) for record, reason in rows]


def neighbours(run: Run) -> tuple[int | None, int | None]:
    """The ids of the run before it and of the one after it."""
    session = db.session()
    mine = Run.connection_id == run.connection_id
    before = session.scalar(select(func.max(Run.id)).where(mine, Run.id < run.id))
    after = session.scalar(select(func.min(Run.id)).where(mine, Run.id > run.id))
    return before, after


def sum_of(run: Run) -> list[tuple[str, int]]:
    """The counters that `fetched` is the sum of, without those that are nought."""
    return [(name, getattr(run, name)) for name in PARTS if getattr(run, name)]


def adds_up(run: Run) -> bool:
    return run.fetched == sum(getattr(run, name) for name in PARTS)


def _conditions(chosen: Filters, zone: tzinfo) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.state:
        found.append(Run.state == chosen.state)
    if chosen.trigger:
        found.append(Run.trigger == chosen.trigger)
    if chosen.since:
        found.append(Run.started_at >= _midnight(chosen.since, zone))
    if chosen.until:
        found.append(Run.started_at < _midnight(chosen.until + timedelta(days=1), zone))
    if chosen.problems:
        found.append(or_(Run.quarantined > 0, Run.state == "failed"))
    return found


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def chosen_from(args: Any) -> Filters:
    """The filters of an address. What makes no sense is left out: an address may be old or typed."""
    state, trigger = args.get("state", ""), args.get("trigger", "")
    return Filters(
        state=state if state in STATES else "",
        trigger=trigger if trigger in TRIGGERS else "",
        since=_day(args.get("from", "")),
        until=_day(args.get("to", "")),
        problems=args.get("problems", "") not in ("", "0"),
    )


STATES = ("running", "ok", "partial", "failed", "cancelled")
TRIGGERS = ("schedule", "manual", "resume")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None
