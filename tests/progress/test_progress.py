"""What people write down about themselves, in the browser: entries, figures, corrections, roll-ups, leaderboard."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import db
from webapp.events.models import Event
from webapp.progress import actions, queries, rollups, tasks
from webapp.progress.forms import GoalForm, LogForm, SkillForm
from webapp.progress.models import (
    Activity,
    DayTotal,
    Goal,
    LearningLog,
    Milestone,
    PortfolioItem,
    Skill,
)
from webapp.tickets import actions as tickets

SignIn = Callable[[User], FlaskClient]
PDF = b"%PDF-1.4 a certificate"


@pytest.fixture
def client(people: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.andres)


def log(client: FlaskClient, hours: str = "1.5", topic: str = "Soil", **more: str) -> Any:
    return client.post("/progress/logs", data={"hours": hours, "topic": topic, **more})


def figures(client: FlaskClient, person: User) -> dict[str, Any]:
    return client.get(f"/api/analytics/{person.id}").get_json()


def only(kind: type[Any]) -> Any:
    db.session().rollback()
    return db.session().scalars(select(kind)).one()


def test_a_log_counts_is_corrected_and_is_deleted(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    assert log(client, "1:30", notes="Clay").status_code == 303
    page = client.get("/progress/logs").text
    assert "Soil" in page
    assert "1 h 30 min" in page
    assert figures(client, people.andres)["totalHours"] == 1.5

    row = only(LearningLog)
    yesterday = (row.day - timedelta(days=1)).isoformat()
    fixed = client.post(
        f"/progress/logs/{row.id}", data={"hours": "45 min", "topic": "Soil", "day": yesterday}
    )
    assert fixed.status_code == 303
    now = figures(client, people.andres)
    assert (now["totalHours"], now["logsCount"], now["currentStreak"]) == (0.75, 1, 1)

    client.post(f"/progress/logs/{row.id}/delete")
    now = figures(client, people.andres)
    assert (now["totalHours"], now["logsCount"], now["currentStreak"]) == (0, 0, 0)
    told = db.session().scalars(select(Event.type).where(Event.subject_kind == "progress"))
    assert {"progress.logged", "progress.log_corrected", "progress.log_removed"} <= set(told)


@pytest.mark.parametrize("hours", ["", "0", "-1", "25", "much", "1:75", "nan", "1e999"])
def test_hours_that_are_none_are_refused_and_nothing_typed_is_lost(
    client: FlaskClient, hours: str
) -> None:
    answer = log(client, hours, topic="Kept as typed")
    assert answer.status_code == 422
    assert "Kept as typed" in answer.text
    assert db.session().scalars(select(LearningLog)).all() == []


def test_a_day_to_come_is_refused(client: FlaskClient) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert "has not come" in log(client, day=tomorrow).text


def test_a_form_sent_twice_is_one_log(client: FlaskClient) -> None:
    for _ in range(2):
        assert log(client, key="k" * 22).status_code == 303
    assert only(LearningLog).minutes == 90


def test_the_day_is_the_persons_own(people: SimpleNamespace, sign_in: SignIn) -> None:
    with time_machine.travel(datetime(2027, 3, 1, 17, tzinfo=UTC), tick=False):  # 2 March, 01:00
        log(sign_in(people.andres))
        assert only(LearningLog).day.isoformat() == "2027-03-02"


def test_a_goal_is_reached_taken_back_and_deleted(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    client.post("/progress/goals", data={"title": "Exam", "due": "2020-01-01"})
    goal = only(Goal)
    assert "Overdue" in client.get("/progress/goals").text
    client.post(f"/progress/goals/{goal.id}/done")
    assert figures(client, people.andres)["goalsCompleted"] == 1
    assert client.post(f"/progress/goals/{goal.id}/done").status_code == 409
    client.post(f"/progress/goals/{goal.id}/reopen")
    assert figures(client, people.andres)["goalsCompleted"] == 0
    client.post(f"/progress/goals/{goal.id}", data={"title": "The exam", "notes": "in May"})
    client.post(f"/progress/goals/{goal.id}/done")
    client.post(f"/progress/goals/{goal.id}/delete")
    assert figures(client, people.andres)["goalsCompleted"] == 0


def test_skills_and_portfolio(client: FlaskClient, people: SimpleNamespace) -> None:
    assert (
        client.post("/progress/skills", data={"name": "Welding", "level": "2"}).status_code == 303
    )
    again = client.post("/progress/skills", data={"name": "Welding", "level": "5"})
    assert "You have this skill already" in again.text
    skill = only(Skill)
    client.post(f"/progress/skills/{skill.id}", data={"name": "Welding", "level": "4"})
    assert "4 – experienced" in client.get("/progress/skills").text

    empty = client.post("/progress/portfolio", data={"title": "Bridge"})
    assert empty.status_code == 422
    unsafe = client.post("/progress/portfolio", data={"title": "B", "url": "javascript:alert(1)"})
    assert unsafe.status_code == 422
    sent = {"title": "Bridge", "file": (io.BytesIO(PDF), "certificate.pdf")}
    assert client.post("/progress/portfolio", data=sent).status_code == 303
    item = only(PortfolioItem)
    file = client.get(f"/progress/portfolio/{item.id}/file")
    assert file.data == PDF
    assert "attachment" in file.headers["Content-Disposition"]
    client.post(f"/progress/portfolio/{item.id}", data={"title": "Bridge", "body": "Steel"})
    assert only(PortfolioItem).file_name == "certificate.pdf"
    now = figures(client, people.andres)
    assert (now["skillsCount"], now["portfolioCount"]) == (1, 1)
    client.post(f"/progress/portfolio/{item.id}/delete")
    client.post(f"/progress/skills/{skill.id}/delete")
    now = figures(client, people.andres)
    assert (now["skillsCount"], now["portfolioCount"]) == (0, 0)


def test_what_is_anothers_is_not_there(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn
) -> None:
    log(client)
    client.post("/progress/goals", data={"title": "Exam"})
    row, goal = only(LearningLog), only(Goal)
    other = sign_in(people.fina)
    for address in (f"/progress/logs/{row.id}", f"/progress/goals/{goal.id}"):
        assert other.get(address).status_code == 404
        assert other.post(f"{address}/delete").status_code == 404
    assert other.get(f"/progress?person={people.andres.id}").status_code == 404
    assert other.get(f"/api/analytics/{people.andres.id}").status_code == 403
    assert sign_in(people.rosa).get("/progress").status_code == 403
    admin = sign_in(people.amihan)
    assert "Progress of Andres" in admin.get(f"/progress?person={people.andres.id}").text
    assert figures(admin, people.andres)["logsCount"] == 1


def test_each_thing_leaves_its_activity(client: FlaskClient, people: SimpleNamespace) -> None:
    client.post("/login", data={"email": people.andres.email, "password": "correct horse battery"})
    log(client)
    client.post("/progress/goals", data={"title": "Exam"})
    client.post(f"/progress/goals/{only(Goal).id}/done")
    client.post("/progress/skills", data={"name": "Welding", "level": "2"})
    client.post("/progress/portfolio", data={"title": "Bridge", "body": "Steel"})
    ticket = make_ticket()
    with db.transaction():
        tickets.respond(ticket, body="On our way", actor=people.andres.actor)
    mine = select(Activity.type).where(Activity.user_id == people.andres.id)
    types = set(db.session().scalars(mine))
    assert {
        "login",
        "log_created", "goal_completed", "skill_added", "portfolio_updated", "email_sent", "milestone",
    } <= types  # fmt: skip
    page = client.get("/progress/activity").text
    assert "Goal reached: Exam" in page
    assert "Mark all as read" in page
    client.post("/progress/activity/read")
    assert "Mark all as read" not in client.get("/progress/activity").text


def test_milestones_are_reached_once(people: SimpleNamespace, sign_in: SignIn) -> None:
    with time_machine.travel(datetime(2027, 3, 1, 4, tzinfo=UTC), tick=False) as traveller:
        client = sign_in(people.andres)
        for _ in range(8):
            log(client, "2")
            traveller.shift(timedelta(days=1))
    names = sorted(db.session().scalars(select(Milestone.name)))
    assert names == ["first_log", "hours-10", "streak-7"]
    told = select(Event).where(Event.type == "progress.milestone")
    assert len(db.session().scalars(told).all()) == 3


def test_rules_are_an_admins(client: FlaskClient, people: SimpleNamespace, sign_in: SignIn) -> None:
    assert client.get("/settings/progress").status_code == 403
    admin = sign_in(people.amihan)
    wrong = admin.post("/settings/progress", data={"streak_marks": "seven", "grace_days": "9"})
    assert wrong.status_code == 422
    admin.post(
        "/settings/progress", data={"streak_marks": "2", "hour_marks": "1 3", "grace_days": "1"}
    )
    log(client, "3")
    assert sorted(db.session().scalars(select(Milestone.name))) == ["hours-1", "hours-3"]
    assert client.get("/leaderboard").text.count("switched the leaderboard off") == 1
    assert client.get("/api/analytics/leaderboard/all").status_code == 404


def test_the_leaderboard_is_worked_out_ahead_and_can_be_left(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn
) -> None:
    felix = sign_in(people.felix)
    log(client, "1")
    log(felix, "4")
    old = (queries.today_of(people.andres) - timedelta(days=40)).isoformat()
    log(client, "9", day=old)
    tasks.reckon()
    board = client.get("/api/analytics/leaderboard/all").get_json()
    assert [(row["rank"], row["name"], row["totalHours"]) for row in board["leaderboard"]] == [
        (1, "Felix", 4.0),
        (2, "Andres", 1.0),
    ]
    ever = client.get("/api/analytics/leaderboard/all?window=all&limit=1").get_json()
    assert [row["name"] for row in ever["leaderboard"]] == ["Andres"]
    assert ever["hasMore"]
    felix.post("/leaderboard/choice", data={"shown": ""})
    assert "Felix" not in client.get("/leaderboard").text
    tasks.reckon()
    assert "Felix" not in client.get("/leaderboard").text
    felix.post("/leaderboard/choice", data={"shown": "1"})
    assert "Felix" in client.get("/leaderboard").text
    assert client.get("/api/analytics/leaderboard/all?window=5").status_code == 422


_DO = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "log",
                "correct",
                "move",
                "unlog",
                "goal",
                "reopen",
                "skill",
                "unskill",
                "mark",
                "add",
                "week",
            ]
        ),
        st.integers(0, 5),
        st.integers(1, 300),
    ),
    max_size=14,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_DO)
def test_day_totals_worked_out_anew_are_the_same(
    people: SimpleNamespace, app: Flask, steps: list[tuple[str, int, int]]
) -> None:
    """Whatever was done, in whatever zone, at whatever time."""
    user = db.session().get_one(User, people.andres.id)
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC), tick=False) as traveller:
        for what, nth, size in steps:
            traveller.shift(timedelta(hours=7))
            with db.transaction():
                user.timezone = ("Asia/Manila", "America/Los_Angeles", "UTC")[nth % 3]
                _step(user, what, nth, size)
        kept = _totals()
        with db.transaction():
            rows, different = rollups.rebuild()
        assert (rows, different) == (len(kept), 0)
        assert _totals() == kept


def _step(  # noqa: C901 - a table of steps
    user: User, what: str, nth: int, size: int
) -> None:
    session = db.session()
    day = queries.today_of(user) - timedelta(days=nth)
    form = LogForm(hours=f"{size} min", topic="x", day=day)
    logs, goals = session.scalars(select(LearningLog)).all(), session.scalars(select(Goal)).all()
    skills = session.scalars(select(Skill)).all()
    if what == "log":
        actions.log_learning(user, form)
    elif what == "correct" and logs:
        actions.correct_log(logs[nth % len(logs)], form, user=user)
    elif what == "unlog" and logs:
        actions.remove_log(logs[nth % len(logs)], user=user)
    elif what == "goal":
        actions.complete_goal(actions.add_goal(user, GoalForm(title="x")), user=user)
    elif what == "reopen" and goals and goals[-1].done_on:
        actions.reopen_goal(goals[-1], user=user)
    elif what == "skill":
        actions.add_skill(user, SkillForm(name=f"x {uuid4()}", level=1))  # no two alike
    elif what == "unskill" and skills:
        actions.remove_skill(skills[0], user=user)
    elif what == "mark":
        actions.mark_day(user, actor=user.actor)
    elif what == "add":
        actions.correct(user, {"minutes": size, "portfolio": nth}, actor=user.actor, day=day)
    elif what == "week":
        actions.set_week(user, week_of=day, minutes=size, logs=nth, actor=user.actor)


def _totals() -> list[tuple[Any, ...]]:
    db.session().rollback()
    names = [column.name for column in DayTotal.__table__.columns]
    query = select(*(DayTotal.__table__.c[name] for name in names))
    return sorted(tuple(row) for row in db.session().execute(query))
