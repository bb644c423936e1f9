"""Who could do a job, best first, and why. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from math import asin, cos, radians, sin, sqrt

from webapp.targets.hours import Block

MOST = 3  # are suggested for one job
FARTHEST_KM = 30.0  # beyond it, farther counts no more
# What the parts of a score weigh; the best possible one is their sum.
SKILL, NEAR, AREA, FREE = 30.0, 40.0, 15.0, 30.0
A_JOB_MORE = 6.0  # taken off FREE for each job of that day

Place = tuple[float, float]


@dataclass(frozen=True)
class Need:
    """What a job asks for. `day` and `minutes`: when it is to be done, by the desk's clock; None: some time."""

    skill: str = ""
    barangay: str = ""
    place: Place | None = None
    day: date | None = None
    minutes: Block | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody, on the day of the job. `place`: where they share that they are, or their nearest job of that day.

    `hours`: of that weekday; None where no hours are kept. `booked`: their jobs of that day that have a time.
    """

    key: int
    name: str
    skills: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    place: Place | None = None
    absent: bool = False
    hours: tuple[Block, ...] | None = None
    jobs: int = 0
    booked: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """`clash`: another job of theirs overlaps. `km` None: it is not known where one of the two is."""

    key: int
    name: str
    score: float
    has_skill: bool
    in_area: bool
    km: float | None
    jobs: int
    clash: bool


def suggest(need: Need, people: Iterable[Candidate], *, most: int = MOST) -> list[Suggestion]:
    """Those who can, best first; whoever is away, does not work then, or lacks the skill is left out."""
    found = [_weighed(need, person) for person in people if can_do(need, person)]
    return sorted(found, key=lambda one: (-one.score, one.name, one.key))[:most]


def can_do(need: Need, person: Candidate) -> bool:
    if person.absent or (need.skill and not _holds(person.skills, need.skill)):
        return False
    if person.hours is None or need.day is None:
        return True
    if need.minutes is None:
        return bool(person.hours)
    begin, end = need.minutes
    return any(first <= begin and end <= last for first, last in person.hours)


def minutes_of(starts: datetime, ends: datetime | None, zone: tzinfo) -> Block:
    """The window within its first day, by that clock; what goes on beyond midnight ends there."""
    begin = starts.astimezone(zone)
    first = begin.hour * 60 + begin.minute
    if ends is None:
        return first, min(first + 60, 1440)
    end = ends.astimezone(zone)
    return first, 1440 if end.date() > begin.date() else end.hour * 60 + end.minute


def hours_on(day: date, week: Sequence[tuple[Block, ...]]) -> tuple[Block, ...] | None:
    """`week`: Monday first, as targets.hours reads it; empty: no hours are kept."""
    return week[day.weekday()] if week else None


def km_between(one: Place, other: Place) -> float:
    """On the globe (haversine)."""
    lat1, lng1, lat2, lng2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * 6371.0 * asin(min(1.0, sqrt(half)))


def _weighed(need: Need, person: Candidate) -> Suggestion:
    has_skill = bool(need.skill)  # else they would have been left out
    in_area = bool(need.barangay) and _holds(person.areas, need.barangay)
    km = km_between(need.place, person.place) if need.place and person.place else None
    clash = need.minutes is not None and any(
        begin < need.minutes[1] and need.minutes[0] < end for begin, end in person.booked
    )
    near = 0.5 if km is None else 1 - min(km, FARTHEST_KM) / FARTHEST_KM
    score = SKILL * has_skill + NEAR * near + AREA * in_area
    score += max(0.0, FREE - A_JOB_MORE * person.jobs) - (FREE + NEAR) * clash
    return Suggestion(
        person.key, person.name, round(score, 3), has_skill, in_area, km, person.jobs, clash
    )


def _holds(names: Iterable[str], wanted: str) -> bool:
    return wanted.casefold() in {name.casefold() for name in names}
