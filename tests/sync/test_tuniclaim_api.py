"""T14: what a back office's programs ask for, as admins and finance may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.fakes.upstreams import tuniclaim_server
from tests.sync.test_claims_there import move, open_bulletin, pay, there
from tests.sync.test_push import send
from webapp.core import db
from webapp.events.models import Event
from webapp.outbox.models import Delivery

BASE = "/bulletin-soin/sync/tuniclaim"
PATHS = (("POST", ""), ("GET", "/status"), ("POST", "/push-status"), ("POST", "/push-payment"))


@pytest.fixture
def tunis():
    with tuniclaim_server(bordereaux=6) as server:
        yield server


@pytest.fixture
def pulled(people, tunis, connect, run):
    connection_id = connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape="contract")
    assert run(connection_id).state == "ok"
    return connection_id


@pytest.fixture
def fina(people, sign_in):
    return sign_in(people.fina)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_strangers_and_agents_are_refused_as_problems_and_not_led_anywhere(
    people, client, sign_in, method, path
):
    answer = client.open(BASE + path, method=method, json={} if method == "POST" else None)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    for person in (people.andres, people.nadia):
        answer = sign_in(person).open(
            BASE + path, method=method, json={} if method == "POST" else None
        )
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_sync_is_asked_for_and_its_state_told(fina, pulled):
    answer = fina.post(BASE, json={})
    assert answer.status_code == 202, answer.text
    assert answer.json["connection"]["id"] == pulled
    [shown] = fina.get(f"{BASE}/status").json["connections"]
    assert shown["last_run"]["state"] == "ok"
    assert shown["token_last4"]
    assert "token" not in shown
    assert fina.get(f"{BASE}/status?id=999").status_code == 404
    asked = (
        db.session().scalars(select(Event).where(Event.type == "connection.sync_requested")).all()
    )
    assert [event.actor_name for event in asked] == ["Fina"]


def test_a_status_is_sent_on_request_by_number_or_by_their_id(fina, pulled, tunis):
    bulletin_id, external_id = open_bulletin()
    move(bulletin_id, "in_progress")
    send(pulled)
    answer = fina.post(f"{BASE}/push-status", json={"bulletin": external_id})
    assert answer.status_code == 202, answer.text
    assert answer.json["delivery"]["kind"] == "status"
    send(pulled)
    assert there(tunis, external_id)["status"] == "EN_COURS"
    told = db.session().scalars(select(Event).where(Event.type == "record.push_requested")).one()
    assert (told.subject_kind, told.subject_id, told.actor_name) == (
        "bulletin",
        bulletin_id,
        "Fina",
    )


def test_how_a_payment_stands_is_sent_on_request(fina, pulled, tunis):
    bulletin_id, external_id = open_bulletin()
    assert fina.post(f"{BASE}/push-payment", json={"bulletin": external_id}).status_code == 409
    move(bulletin_id, "in_progress", "validated")
    pay(bulletin_id)
    send(pulled)
    answer = fina.post(f"{BASE}/push-payment", json={"bulletin": external_id})
    assert answer.status_code == 202
    send(pulled)
    assert there(tunis, external_id)["payment"]["status"] == "EN_ATTENTE"


def test_what_waits_already_is_not_queued_twice(fina, pulled):
    bulletin_id, external_id = open_bulletin()
    move(bulletin_id, "in_progress")
    answer = fina.post(f"{BASE}/push-status", json={"bulletin": external_id})
    found = db.session().scalars(select(Delivery).where(Delivery.channel == "push")).all()
    assert [
        each.id for each in found if each.kind == "status" and each.subject_id == bulletin_id
    ] == [answer.json["delivery"]["id"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"bulletin": "1", "bordereau": "2"}, 422),
        ({"bulletin": "nowhere"}, 404),
        ({"x": 1}, 422),
        ([], 422),
    ],
)
def test_bad_requests_say_what_is_wrong(fina, pulled, body, status):
    answer = fina.post(f"{BASE}/push-status", json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_without_a_connection_it_says_so(people, fina, app):
    assert fina.post(BASE, json={}).status_code == 404
    assert fina.get(f"{BASE}/status").json == {"connections": []}
