"""By when a ticket is to be answered and resolved, and whether it was in time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clockwork(Protocol):
    """Open hours, or round the clock (hours.Hours, hours.Always)."""

    def after(self, start: datetime, seconds: float) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...


@dataclass(frozen=True)
class Aims:
    """Minutes of open time; None: no such target."""

    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None


@dataclass(frozen=True)
class Course:
    """What has happened to a ticket. `paused_s`: open time that did not count, of pauses that are over.
    `paused_since`: it does not count now: we wait for the reporter, or it is finished. `asked_at`: the reporter wrote
    after our last answer."""

    came_at: datetime
    first_response_at: datetime | None = None
    asked_at: datetime | None = None
    paused_since: datetime | None = None
    paused_s: float = 0


@dataclass(frozen=True)
class Deadlines:
    """None: nothing is awaited of us, or no target says by when."""

    respond_by: datetime | None = None
    resolve_by: datetime | None = None


NONE = Deadlines()


def deadlines(aims: Aims, course: Course, clockwork: Clockwork) -> Deadlines:
    """While it is paused there are none."""
    if course.paused_since is not None:
        return NONE
    resolve_by = None
    if aims.resolution is not None:
        resolve_by = clockwork.after(course.came_at, aims.resolution * 60 + course.paused_s)
    return Deadlines(_respond_by(aims, course, clockwork), resolve_by)


def resolved_in_time(aims: Aims, course: Course, clockwork: Clockwork) -> bool | None:
    """Of one that has just been finished (`paused_since` says when). None: there is no such target."""
    if aims.resolution is None or course.paused_since is None:
        return None
    took = clockwork.between(course.came_at, course.paused_since) - course.paused_s
    return took <= aims.resolution * 60


def answered_in_time(aims: Aims, course: Course, clockwork: Clockwork) -> bool | None:
    if aims.first_response is None or course.first_response_at is None:
        return None
    by = clockwork.after(course.came_at, aims.first_response * 60)
    return course.first_response_at <= by


def _respond_by(aims: Aims, course: Course, clockwork: Clockwork) -> datetime | None:
    if course.first_response_at is None:
        if aims.first_response is None:
            return None
        return clockwork.after(course.came_at, aims.first_response * 60 + course.paused_s)
    if course.asked_at is None or aims.next_response is None:
        return None
    return clockwork.after(course.asked_at, aims.next_response * 60)
