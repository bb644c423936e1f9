"""Field work of the demo: two employees and some jobs, so that a fresh desk shows life. Places are in Naga City."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webapp.accounts.queries import desk, find_user_by_email
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.fieldwork import actions
from webapp.fieldwork.models import Employee
from webapp.fieldwork.queries import local_today
from webapp.fieldwork.queries.jobs import midnight

WORKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "06:00-22:00")


class Work(NamedTuple):
    title: str
    place: str
    barangay: str
    lat: str
    lng: str
    skill: str
    hour: int  # of today
    crew: tuple[int, ...]
    state: tuple[str, ...] = ()
    priority: int = 2


WORKS = (
    Work("Replace the street lamp at the plaza", "Plaza Rizal", "San Francisco", "13.624120", "123.185050",
         "electrician", 8, (0,), ("on_the_way", "working"), 3),
    Work("Clear the clogged drain", "Peñafrancia Avenue", "Bagumbayan Norte", "13.630200", "123.194100",
         "drainage", 10, (0, 1)),
    Work("Cut the fallen branch", "Magsaysay Avenue", "Concepcion Pequeña", "13.621700", "123.201500", "", 13, (1,)),
    Work("Check the broken traffic light", "Panganiban Drive", "Tinago", "13.622400", "123.188700",
         "electrician", 15, (), (), 4),
    Work("Measure the pothole", "Jacob Street", "Tinago", "13.625300", "123.187900", "", 16, ()),
)  # fmt: skip
CHECKLIST = ("Secure the place", "Do the work", "Clean up", "Take a photo")


def make_fieldwork() -> None:
    """Once: a desk that has employees keeps its own."""
    if db.session().scalar(select(Employee.id).limit(1)) is not None:
        return
    felix = find_user_by_email("felix@tulay.example")
    crew = [
        _employee("Felix Nacario", felix.id if felix else None, ["electrician", "drainage"], ["Tinago"]),
        _employee("Ligaya Tolentino", None, ["drainage", "trees"], ["Concepcion Pequeña"]),
    ]  # fmt: skip
    for work in WORKS:
        _job(work, crew)
    _rounds(crew)


def _employee(name: str, user_id: int | None, skills: list[str], areas: list[str]) -> Employee:
    values = {"name": name, "user": user_id, "skills": skills, "areas": areas, **WORKDAYS}
    return actions.create_employee(values, actor=SYSTEM)


def _job(work: Work, crew: list[Employee]) -> None:
    zone = _zone()
    starts = midnight(local_today(zone), zone) + timedelta(hours=work.hour)
    job, _is_new = actions.create_job(
        {
            **{name: getattr(work, name) for name in ("title", "place", "barangay", "skill")},
            "priority": work.priority,
            "lat": Decimal(work.lat),
            "lng": Decimal(work.lng),
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=1),
        },
        actor=SYSTEM,
        crew=[crew[at] for at in work.crew],
        checklist=CHECKLIST,
        parts=("1 × warning sign",),
    )
    for state in work.state:
        actions.move_job(job, state, actor=SYSTEM)


def _rounds(crew: list[Employee]) -> None:
    made = actions.create_recurring(
        {
            "title": "Round of the public market",
            "place": "Naga City People's Mall",
            "barangay": "Igualdad Interior",
            "checklist": ["Drains", "Lamps", "Fire exits"],
            "crew": [crew[1].id],
            "every": "weekly",
            "weekdays": [1, 4],
            "first_on": local_today(_zone()),
            "begins": "07:00",
            "minutes": 90,
        },
        actor=SYSTEM,
    )
    db.session().flush()
    actions.make_due_jobs(made, zone=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(desk().timezone)
