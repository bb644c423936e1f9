"""Day totals from events: added to as each fact happens, or all worked out anew; the same numbers both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, delete, func, select

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.inserting import insert_into
from webapp.events.models import Event
from webapp.events.types import Fact
from webapp.progress.models import DayTotal

FIGURES = ("minutes", "logs", "goals", "skills", "portfolio", "marks")

Data = Mapping[str, Any]
Deltas = dict[date, dict[str, int]]


def _day(data: Data, name: str = "day") -> date:
    return date.fromisoformat(data[name])


def _one(figure: str, by: int) -> Callable[[Data], Deltas]:
    return lambda data: {_day(data): {figure: by}}


def _logged(data: Data) -> Deltas:
    return {_day(data): {"minutes": data["minutes"], "logs": 1}}


def _log_removed(data: Data) -> Deltas:
    return {_day(data): {"minutes": -data["minutes"], "logs": -1}}


def _log_corrected(data: Data) -> Deltas:
    before, after = _day(data, "old_day"), _day(data)
    old, new = data["old_minutes"], data["minutes"]
    if before == after:
        return {after: {"minutes": new - old}}
    return {
        before: {"minutes": -old, "logs": -1},
        after: {"minutes": new, "logs": 1},
    }


def _corrected(data: Data) -> Deltas:
    return {_day(data): dict(data["by"])}


# Which facts change which figures. What is not here changes none.
DELTAS: dict[str, Callable[[Data], Deltas]] = {
    "progress.logged": _logged,
    "progress.log_corrected": _log_corrected,
    "progress.log_removed": _log_removed,
    "progress.goal_completed": _one("goals", 1),
    "progress.goal_reopened": _one("goals", -1),
    "progress.skill_added": _one("skills", 1),
    "progress.skill_removed": _one("skills", -1),
    "progress.portfolio_updated": lambda data: _one("portfolio", int(data["new"]))(data),
    "progress.portfolio_removed": _one("portfolio", -1),
    "progress.day_marked": _one("marks", 1),
    "progress.corrected": _corrected,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a fact happened, and how its person's clock stood."""

    at: datetime
    offset: int


def add_to_day_totals(event: Event, _fact: Fact) -> None:
    """The reaction: this event's figures are added, whoever else adds at the same moment."""
    for day, by in DELTAS[event.type](event.data).items():
        _add(event.subject_id, day, by, Moment(event.at, int(event.data["offset"])))


def _add(user_id: int, day: date, by: Mapping[str, int], when: Moment) -> None:
    new = insert_into(DayTotal).values(**_values(user_id, day, by, when))
    told, known = new.excluded, DayTotal.__table__.c
    earlier, later = told.first_at < known.first_at, told.last_at >= known.last_at
    sums = {name: known[name] + told[name] for name in FIGURES}
    db.session().execute(
        new.on_conflict_do_update(
            index_elements=["user_id", "day"],
            set_={
                **sums,
                "first_at": case((earlier, told.first_at), else_=known.first_at),
                "first_offset": case((earlier, told.first_offset), else_=known.first_offset),
                "last_at": case((later, told.last_at), else_=known.last_at),
                "last_offset": case((later, told.last_offset), else_=known.last_offset),
            },
        )
    )


def _values(user_id: int, day: date, by: Mapping[str, int], when: Moment) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "day": day,
        **{name: by.get(name, 0) for name in FIGURES},
        "first_at": when.at,
        "first_offset": when.offset,
        "last_at": when.at,
        "last_offset": when.offset,
    }


def worked_out(events: Iterable[Event]) -> dict[tuple[int, date], dict[str, Any]]:
    """The day totals that these events, oldest first, come to."""
    found: dict[tuple[int, date], dict[str, Any]] = {}
    for event in events:
        when = Moment(event.at, int(event.data["offset"]))
        for day, by in DELTAS[event.type](event.data).items():
            new = _values(event.subject_id, day, by, when)
            known = found.setdefault((event.subject_id, day), new)
            if known is not new:
                _join(known, new)
    return found


def _join(known: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name in FIGURES:
        known[name] += new[name]
    if new["first_at"] < known["first_at"]:
        known.update(first_at=new["first_at"], first_offset=new["first_offset"])
    if new["last_at"] >= known["last_at"]:
        known.update(last_at=new["last_at"], last_offset=new["last_offset"])


def rebuild() -> tuple[int, int]:
    """All day totals anew, from the events alone. How many rows there are, and how many of them were different."""
    session = db.session()
    query = select(Event).where(Event.type.in_(DELTAS)).order_by(Event.id)
    rows = worked_out(session.scalars(query.execution_options(yield_per=1000)))
    before = {(row.user_id, row.day): _figures(row) for row in session.scalars(select(DayTotal))}
    session.execute(delete(DayTotal))
    session.expire_all()
    known = set(session.scalars(select(User.id)))
    kept = [row for (user_id, _), row in rows.items() if user_id in known]
    session.add_all(DayTotal(**row) for row in kept)
    session.flush()
    after = {(row["user_id"], row["day"]): tuple(row[name] for name in FIGURES) for row in kept}
    different = sum(before.get(key) != figures for key, figures in after.items())
    return len(kept), different + len(before.keys() - after.keys())


def _figures(row: DayTotal) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in FIGURES)


def sums() -> list[Any]:
    """The columns of one person's figures over all days, in the order of FIGURES."""
    return [func.coalesce(func.sum(getattr(DayTotal, name)), 0) for name in FIGURES]
