"""Days in an order of one's own, recurring jobs made once, suggestions accepted with one click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.counting import selects
from tests.fieldwork.make import NINE, make_employee, make_job
from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.types import SYSTEM
from webapp.fieldwork import actions, queries
from webapp.fieldwork.models import Employee, Job
from webapp.fieldwork.tasks import make_due_jobs

SignIn = Callable[[User], FlaskClient]
TODAY = NINE.date()
RULE = {
    "title": "Round of the market",
    "every": "weekly",
    "weekdays": "1,4",
    "first_on": "2026-03-01",
    "begins": "07:30",
    "minutes": "90",
    "days_ahead": "7",
    "checklist": "Drains\nLamps",
    "active": "1",
}


def jobs() -> list[Job]:
    return list(db.session().scalars(select(Job).order_by(Job.id)))


def day_titles(person: Employee, user: User, day: date = TODAY) -> list[str]:
    return [job.title for job in queries.day_of(person, day, user.zone)]


@time_machine.travel(NINE, tick=False)
def test_a_day_has_the_order_that_somebody_set(people: SimpleNamespace, sign_in: SignIn) -> None:
    ana = make_employee("Ana")
    made = [make_job(t, (ana,), starts_at=NINE + timedelta(hours=n)) for n, t in enumerate("ABC")]
    client, address = sign_in(people.andres), f"/employees/{ana.id}/plan"

    client.post(address, data={"job": made[2].id, "do": "up"})
    assert day_titles(ana, people.andres) == ["A", "C", "B"]
    client.post(address, data={"order": f"{made[2].id},{made[1].id}"})
    assert day_titles(ana, people.andres) == ["C", "B", "A"]
    client.post(address, data={"job": made[2].id, "do": "up"})
    assert day_titles(ana, people.andres) == ["C", "B", "A"]


@time_machine.travel(NINE, tick=False)
def test_today_shows_what_was_left_from_before_and_no_other_day(people: SimpleNamespace) -> None:
    ana = make_employee("Ana")
    make_job("Left over", (ana,), starts_at=NINE - timedelta(days=3))
    make_job("No time yet", (ana,))
    make_job("Tomorrow", (ana,), starts_at=NINE + timedelta(days=1))

    assert day_titles(ana, people.andres) == ["Left over", "No time yet"]
    assert day_titles(ana, people.andres, date(2026, 3, 3)) == ["Tomorrow"]


@time_machine.travel(NINE, tick=False)
def test_recurring_jobs_are_made_once_however_often_it_runs(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    ana = make_employee("Ana")
    answer = sign_in(people.andres).post("/jobs/recurring/new", data={**RULE, "crew": ana.id})
    assert answer.status_code == 303
    made = jobs()
    assert [job.recurring_on for job in made] == [date(2026, 3, 3), date(2026, 3, 6)]
    assert [item.text for item in made[0].items] == ["Drains", "Lamps"]
    assert made[0].people == [ana]
    assert made[0].starts_at is not None
    assert made[0].starts_at.isoformat() == "2026-03-02T23:30:00+00:00"  # 07:30 in Naga

    assert make_due_jobs() == 0
    with transaction():
        actions.delete_job(made[1], actor=SYSTEM)
    assert make_due_jobs() == 0  # what somebody deleted stays deleted
    with time_machine.travel(NINE + timedelta(days=30), tick=False):
        assert make_due_jobs() == 2
        assert make_due_jobs() == 0
    assert len(jobs()) == 3
    assert all(job.recurring_on >= date(2026, 4, 1) for job in jobs()[1:])


@time_machine.travel(NINE, tick=False)
def test_a_new_rhythm_is_made_at_once_and_what_stands_stays(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.andres)
    client.post("/jobs/recurring/new", data=RULE)
    number = queries.recurring_jobs()[0].id
    page = client.get(f"/jobs/recurring/{number}")
    assert "Round of the market" in page.text

    changed: dict[str, Any] = {**RULE, "weekdays": "1,2,4", "version": "2"}
    assert client.post(f"/jobs/recurring/{number}", data=changed).status_code == 303
    assert sorted(job.recurring_on.day for job in jobs() if job.recurring_on) == [3, 4, 6]
    stale = client.post(f"/jobs/recurring/{number}", data={**changed, "version": "1"})
    assert stale.status_code == 409


@time_machine.travel(NINE, tick=False)
def test_a_suggestion_says_why_and_is_accepted_with_one_click(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    skilled = make_employee("Ana", skills=["electrician"], areas=["Tinago"])
    make_employee("Ben", skills=["driver"])
    away = make_employee("Carla", skills=["electrician"])
    with transaction():
        actions.add_absence(away, first=NINE.date(), last=None, reason="", actor=SYSTEM)
    job = make_job(
        "Lamp", skill="Electrician", barangay="Tinago", starts_at=NINE + timedelta(hours=1)
    )
    client = sign_in(people.andres)

    page = client.get("/jobs/assign").text
    assert "has the skill, works in this area, no job that day" in page
    accept = {
        "crew": str(skilled.id),
        "add": "1",
        "client_id": "accept-once-1",
        "back": "/jobs/assign",
    }
    for _ in range(2):
        assert client.post(f"/jobs/{job.ref}/crew", data=accept).location == "/jobs/assign"
    assert db.session().get_one(Job, job.id).people == [skilled]
    assert "Every job has somebody" in client.get("/jobs/assign").text


def test_all_planning_pages_show_a_job(people: SimpleNamespace, sign_in: SignIn) -> None:
    from decimal import Decimal

    from webapp.core import clock

    ana = make_employee("Ana")
    now = clock.now()
    job = make_job(
        "Lamp", (ana,), starts_at=now, lat=Decimal("13.62"), lng=Decimal("123.19"), place="Plaza"
    )
    client = sign_in(people.andres)
    paths = ["/jobs", "/jobs/rows", "/jobs/board", "/jobs/board/columns", "/jobs/week", "/jobs/map"]
    for path in [*paths, "/jobs/map/rows", f"/employees/{ana.id}/plan", f"/jobs/{job.ref}/part"]:
        assert "Lamp" in client.get(path).text, path
    pins = client.get("/jobs/map/pins?view=13,123,14,124&zoom=12").json["pins"]
    assert [pin["url"] for pin in pins] == [f"/jobs/{job.ref}"]
    assert client.get("/jobs/map/pins?view=1,1,2,2&zoom=12").json["pins"] == []


def test_who_shares_their_position_is_on_the_map_until_they_stop(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    make_employee("Felix", user=people.felix.id)
    field, desk = sign_in(people.felix), sign_in(people.andres)

    def seen() -> list[str]:
        pins = desk.get("/jobs/map/pins?view=13,123,14,124&zoom=12").json["pins"]
        return [pin["title"] for pin in pins]

    field.post("/my-day/position", data={"lat": "13.62", "lng": "123.19"})
    assert seen() == ["Felix"]
    field.post("/my-day/position", data={"lat": "", "lng": ""})
    assert seen() == []


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/rows",
        "/jobs/board/columns",
        "/jobs/assign/rows",
        "/api/jobs",
        "/employees/rows",
        "/api/employees",
    ],
)
def test_more_jobs_take_no_more_statements(
    people: SimpleNamespace, sign_in: SignIn, path: str
) -> None:
    client = sign_in(people.andres)

    def asked() -> int:
        with selects() as found:
            assert client.get(path).status_code == 200
        return len(found)

    for n in range(2):
        crew = (make_employee(f"Ana {n}"), make_employee(f"Ben {n}"))
        make_job("Lamp", crew, checklist=["Look"], parts=["lamp"], ticket=make_ticket())
        make_job("Nobody's", skill="driver", ticket=make_ticket())
        if n == 0:
            few = asked()
    assert asked() <= few
