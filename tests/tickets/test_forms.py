"""Forms that admins build: their own address and questions, defaults, a category that stops."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tests.tickets.make import REPORT, make_categories, photo
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.tickets.models import Category, Team, Ticket
from webapp.tickets.portal.models import PublicForm

FORM = {
    "title": "Street works",
    "slug": "street-works",
    "active": "1",
    "priority": "3",
    "tags": "Works, Road",
    "q0-label": "How deep is it?",
    "q0-kind": "number",
    "q0-required": "1",
    "q0-categories": "Flooding",
    "q1-label": "Which side?",
    "q1-kind": "list",
    "q1-choices": "Left\nRight",
    "q2-label": "Plan",
    "q2-kind": "file",
    "stop0": "",
    "stop1": "",
    "stop2": "This is an emergency: call 911.",
}


@pytest.fixture(autouse=True)
def _categories(app: Flask) -> None:
    make_categories("Street lights", "Flooding", "Fire")


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Any) -> FlaskClient:
    client: FlaskClient = sign_in(people.amihan)
    return client


def build(admin: FlaskClient, **values: Any) -> PublicForm:
    answer = admin.post("/settings/forms/new", data={**FORM, **values})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return db.session().scalars(select(PublicForm)).one()


def send(client: FlaskClient, slug: str = "street-works", **values: Any) -> Any:
    form = db.session().scalars(select(PublicForm)).one()
    fields = {each["label"]: f"answer-{each['key']}" for each in form.questions}
    page = client.get(f"/report/{slug}").get_data(as_text=True)
    stamps = dict(re.findall(r'name="(submission_key|shown)" value="([^"]*)"', page))
    data = {**REPORT, **stamps, **{fields.get(name, name): value for name, value in values.items()}}
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        return client.post(f"/report/{slug}", data=data, content_type="multipart/form-data")


def ticket() -> Ticket:
    return db.session().scalars(select(Ticket)).one()


def test_a_form_has_its_address_its_questions_and_what_its_tickets_begin_with(
    admin: FlaskClient, client: FlaskClient, people: SimpleNamespace, sign_in: Any
) -> None:
    with transaction() as session:
        team = Team(name="Roads")
        session.add(team)
        session.flush()
    build(admin, team=team.id, assignee=people.andres.id)
    plan = FileStorage(io.BytesIO(photo()), "plan.jpg")
    values = {"category": "Flooding", "How deep is it?": "0.4", "Which side?": "Left", "Plan": plan}
    assert send(client, **values, lat="13.62", lng="123.19").status_code == 303
    made = ticket()
    assert made.answers == [
        ["Form", "Street works"],
        ["How deep is it?", "0.4"],
        ["Which side?", "Left"],
        ["Plan", "plan.jpg"],
    ]
    assert (made.priority, made.team_id, made.assignee_id) == (3, team.id, people.andres.id)
    assert [tag.name for tag in made.tags] == ["Road", "Works"]
    assert [file.name for file in made.attachments] == ["plan.jpg"]
    assert (float(made.lat or 0), float(made.lng or 0)) == (13.62, 123.19)
    page = sign_in(people.andres).get(f"/tickets/{made.ref}").get_data(as_text=True)
    assert "How deep is it?" in page
    assert "0.4" in page
    assert "Street works" in client.get("/report").get_data(as_text=True)


def test_what_must_be_answered_is_named_and_only_for_its_category(
    admin: FlaskClient, client: FlaskClient
) -> None:
    build(admin)
    wrong = send(client, category="Flooding", **{"Which side?": "Middle"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert page.count("Please answer this.") == 2  # in the summary and at the field
    assert "Please choose one of the list." in page
    assert REPORT["description"] in page
    assert send(client, category="Street lights").status_code == 303
    assert ticket().answers == [["Form", "Street works"]]


def test_a_renamed_category_still_stops_and_still_brings_its_question(
    admin: FlaskClient, client: FlaskClient
) -> None:
    build(admin)
    names = {each.name: each.id for each in db.session().scalars(select(Category))}
    db.session().rollback()
    admin.post(
        f"/settings/categories/{names['Fire']}", data={"name": "Fire and smoke", "do": "rename"}
    )
    admin.post(f"/settings/categories/{names['Flooding']}", data={"name": "Floods", "do": "rename"})
    stopped = send(client, category="Fire and smoke")
    assert "call 911" in stopped.get_data(as_text=True)
    assert "Please answer this." in send(client, category="Floods").get_data(as_text=True)


def test_the_message_of_a_category_that_stops_stands_beside_the_category(
    admin: FlaskClient, client: FlaskClient
) -> None:
    build(admin)
    page = client.get("/report/street-works").get_data(as_text=True)
    assert (
        page.index('name="category"')
        < page.index('id="stop-note"')
        < page.index('name="description" rows')
    )


def test_a_category_can_stop_with_a_message(admin: FlaskClient, client: FlaskClient) -> None:
    build(admin)
    answer = send(client, category="Fire")
    assert answer.status_code == 422
    assert "This is an emergency: call 911." in answer.get_data(as_text=True)
    assert db.session().scalars(select(Ticket)).all() == []


def test_a_file_that_must_come_is_not_asked_for_twice(
    admin: FlaskClient, client: FlaskClient
) -> None:
    build(admin, **{"q2-required": "1"})
    plan = FileStorage(io.BytesIO(photo()), "plan.jpg")
    assert "Please answer this." in send(client, category="Street lights").get_data(as_text=True)
    page = send(client, category="Street lights", Plan=plan, title="").get_data(as_text=True)
    token = re.search(r'name="kept" value="([^"]+)"', page)
    assert token
    assert send(client, category="Street lights", kept=token.group(1)).status_code == 303
    assert [file.name for file in ticket().attachments] == ["plan.jpg"]


def test_a_closed_form_and_an_unknown_one_lead_nowhere(
    admin: FlaskClient, client: FlaskClient
) -> None:
    form = build(admin)
    closed = {name: value for name, value in FORM.items() if name != "active"}
    assert admin.post(f"/settings/forms/{form.id}", data=closed).status_code == 303
    assert client.get("/report/street-works").status_code == 404
    assert client.post("/report/street-works").status_code == 404
    assert client.get("/report/nothing").status_code == 404
    assert "Street works" not in client.get("/report").get_data(as_text=True)


def test_an_agent_asks_the_same_questions_on_the_phone(
    admin: FlaskClient, people: SimpleNamespace, sign_in: Any
) -> None:
    form = build(admin)
    agent = sign_in(people.andres)
    key = f"answer-{form.questions[0]['key']}"
    page = agent.get("/tickets/new?form=street-works").get_data(as_text=True)
    assert "How deep is it?" in page
    data = {**REPORT, "category": "Flooding"}
    assert agent.post("/tickets/new?form=street-works", data=data).status_code == 422
    data[key] = "2"
    assert agent.post("/tickets/new?form=street-works", data=data).status_code == 303
    assert ticket().source == "desk"
    assert ticket().answers[1] == ["How deep is it?", "2"]


def test_questions_are_changed_ordered_and_removed_and_the_audit_has_it(
    admin: FlaskClient,
) -> None:
    form = build(admin)
    keys = [each["key"] for each in form.questions]
    changed = {**FORM, **{f"q{n}-key": key for n, key in enumerate(keys)}}
    changed |= {"q0-order": "9", "q1-order": "1", "q2-remove": "1", "q1-label": "What side?"}
    admin.post(f"/settings/forms/{form.id}", data=changed)
    again = db.session().scalars(select(PublicForm)).one()
    assert [(q["key"], q["label"]) for q in again.questions] == [
        (keys[1], "What side?"),
        (keys[0], "How deep is it?"),
    ]
    events = db.session().scalars(select(Event).where(Event.type == "desk.edited")).all()
    assert {"forms": ["Street works", "Street works"]} in [e.data["changes"] for e in events]
    admin.post(f"/settings/forms/{form.id}/delete")
    assert db.session().scalars(select(PublicForm)).all() == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Give the form a title."),
        ("slug", "Street Works", "Small letters, figures and single hyphens"),
        ("assignee", "999999", "Please choose one of the list."),
        ("q1-choices", "", "Name what can be chosen"),
        ("priority", "7", "Please choose one of the list."),
    ],
)
def test_each_mistake_of_the_builder_is_named_and_nothing_typed_is_lost(
    admin: FlaskClient, field: str, value: str, sentence: str
) -> None:
    answer = admin.post("/settings/forms/new", data={**FORM, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "How deep is it?" in page
    assert "call 911" in page


def test_two_forms_cannot_have_one_address(admin: FlaskClient) -> None:
    build(admin)
    answer = admin.post("/settings/forms/new", data=FORM)
    assert "Another form has this address." in answer.get_data(as_text=True)


def test_forms_are_built_by_admins_alone(people: SimpleNamespace, sign_in: Any) -> None:
    for path in ("/settings/forms", "/settings/forms/new"):
        assert sign_in(people.andres).get(path).status_code == 403


PLACED = {"q3-label": "Where does it begin?", "q3-kind": "place", "q3-required": "1"}


def test_a_place_chosen_on_the_map_is_the_tickets_place(admin: FlaskClient, app: Flask) -> None:
    form = build(admin, **PLACED)
    key = form.questions[-1]["key"]
    point = {f"answer-{key}-lat": "13.621775", f"answer-{key}-lng": "123.194824"}
    anybody = app.test_client()
    answer = send(anybody, category="Street lights", place="", **point)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    ticket = db.session().scalars(select(Ticket)).one()
    assert (str(ticket.lat), str(ticket.lng)) == ("13.621775", "123.194824")
    assert ["Where does it begin?", "(13.621775, 123.194824)"] in ticket.answers

    words = {"Where does it begin?": "Km 5, at the bridge"}
    send(
        anybody,
        category="Street lights",
        place="Elsewhere 1",
        lat="13.5",
        lng="123.5",
        **words,
        **point,
    )
    ticket = db.session().scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert ticket is not None
    assert (str(ticket.lat), ticket.place) == (
        "13.500000",
        "Elsewhere 1",
    )  # its own fields come first
    assert ["Where does it begin?", "Km 5, at the bridge (13.621775, 123.194824)"] in ticket.answers


@pytest.mark.parametrize("odd", [("", "123.1"), ("x", "123.1"), ("91", "123.1"), ("13.6", "1e9")])
def test_half_a_place_or_none_on_earth_is_no_answer(
    admin: FlaskClient, app: Flask, odd: tuple[str, str]
) -> None:
    form = build(admin, **PLACED)
    key = form.questions[-1]["key"]
    point = dict(zip((f"answer-{key}-lat", f"answer-{key}-lng"), odd, strict=True))
    answer = send(app.test_client(), category="Street lights", place="", **point)
    assert answer.status_code == 422
    assert "Please answer this." in answer.get_data(as_text=True)


def test_the_map_is_offered_where_the_desk_has_pictures_for_it(
    admin: FlaskClient, app: Flask
) -> None:
    build(admin, **PLACED)
    page = app.test_client().get("/report/street-works").get_data(as_text=True)
    assert page.count("data-place-picker") == 2
    assert "data-place-open" not in page
    url = "https://tiles.example.org/{z}/{x}/{y}.png"
    data = {"tiles_url": url, "tiles_credit": "Maps"}
    assert admin.post("/settings/map", data=data).status_code == 303
    answer = app.test_client().get("/report/street-works")
    assert answer.get_data(as_text=True).count("data-place-open") == 2
    assert "https://tiles.example.org" in answer.headers["Content-Security-Policy"]
