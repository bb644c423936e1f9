"""Saved replies: whose they are, what fills them, and what is said where nothing does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.make import make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.tickets import actions
from webapp.tickets.composing import placeholders
from webapp.tickets.composing.models import SavedReply


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def keep(people, name: str, body: str, *, owner=None) -> SavedReply:
    with transaction():
        return actions.add_reply(
            name, body=body, owner_id=owner.id if owner else None, actor=people.amihan.actor
        )


def test_it_is_filled_on_the_server_for_this_ticket(desk, people) -> None:
    ticket = make_ticket()
    reply = keep(
        people,
        "Greeting",
        "Dear {{reporter}}, {{ ref }} “{{ title }}”: {{ follow_link }} – {{ agent }}, {{ desk }}",
    )
    told = desk.get(f"/tickets/{ticket.ref}/replies/{reply.id}").json
    assert told["text"].startswith(
        "Dear Rosa Dimaculangan, " + ticket.ref + " “Broken street light”: http"
    )
    assert told["text"].endswith(f"/follow/{ticket.follow_token} – Andres, Tulay")
    assert told["told"] == ""


def test_what_a_ticket_has_nothing_for_is_left_out_and_said(desk, people) -> None:
    ticket = make_ticket(name="")
    reply = keep(people, "Greeting", "Dear {{ reporter }}, thanks. {{ old_name }}")
    told = desk.get(f"/tickets/{ticket.ref}/replies/{reply.id}").json
    assert told["text"] == "Dear , thanks. {{ old_name }}"
    assert "nothing for reporter" in told["told"]
    assert "Nothing fills {{ old_name }}" in told["told"]


def test_a_place_that_nothing_fills_is_refused_by_name_and_the_text_is_kept(desk) -> None:
    answer = desk.post("/replies", data={"name": "Odd", "body": "Hello {{ nmae }} & {{ ref }}"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Nothing fills {{ nmae }}." in html
    assert "Hello {{ nmae }} &amp; {{ ref }}" in html
    assert db.session().query(SavedReply).count() == 0


def test_ones_own_are_nobody_elses_business(people, sign_in, desk) -> None:
    own = keep(people, "Mine", "Just me.", owner=people.amihan)
    keep(people, "Ours", "All of us.")
    ticket = make_ticket()
    for page in ("/replies", f"/tickets/{ticket.ref}/replies?q="):
        html = desk.get(page).get_data(as_text=True)
        assert "All of us." in html
        assert "Just me." not in html
    assert desk.get(f"/tickets/{ticket.ref}/replies/{own.id}").status_code == 404
    assert desk.post(f"/replies/{own.id}", data={"do": "remove"}).status_code == 404
    assert "Just me." in sign_in(people.amihan).get("/replies").get_data(as_text=True)
    assert sign_in(people.fina).get("/replies").status_code == 403


def test_everybodys_are_changed_by_admins_alone(people, sign_in, desk) -> None:
    shared = keep(people, "Ours", "All of us.")
    changed = {"name": "Ours", "body": "All of you."}
    assert desk.post(f"/replies/{shared.id}", data=changed).status_code == 403
    assert desk.post("/replies", data={**changed, "shared": "1"}).status_code == 403
    admin = sign_in(people.amihan)
    assert admin.post(f"/replies/{shared.id}", data=changed).status_code == 303
    assert "All of you." in desk.get("/replies").get_data(as_text=True)
    admin.post(f"/replies/{shared.id}", data={"do": "remove"})
    assert db.session().query(SavedReply).count() == 0


def test_finding_looks_at_names_first(desk, people) -> None:
    keep(people, "About water", "Thanks.")
    keep(people, "About lamps", "No water here.")
    html = desk.get(f"/tickets/{make_ticket().ref}/replies?q=water").get_data(as_text=True)
    assert html.index("About water") < html.index("About lamps")
    none = desk.get(f"/tickets/{make_ticket().ref}/replies?q=%25").get_data(as_text=True)
    assert "No saved reply fits “%”." in none


@given(st.text(alphabet="{} abr\n", max_size=30), st.text(max_size=10))
def test_filling_never_fails_and_fills_nothing_twice(text: str, name: str) -> None:
    once = placeholders.fill(text + "{{ reporter }}", {"reporter": name or "x"})
    assert once.empty == ()
    assert once.text.endswith(name or "x")
