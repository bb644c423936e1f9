"""The JSON API of MyNaga connections, used as a program would: JSON in, JSON or a problem out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.sync.conftest import assert_in_no_row, connection_of
from webapp.core import db
from webapp.events.models import Event
from webapp.sync import tokens
from webapp.sync.models import Connection

PATHS = (
    ("POST", "config"),
    ("POST", "test-connection"),
    ("POST", "sync/manual"),
    ("GET", "sync/status"),
    ("POST", "sync/stop"),
    ("POST", "sync/resume"),
)


@pytest.fixture
def amihan(people, sign_in) -> FlaskClient:  # type: ignore[no-untyped-def]
    return sign_in(people.amihan)


def post(client: FlaskClient, path: str, **body: Any) -> Any:
    return client.post(f"/api/mynaga/{path}", json=body)


def configured(client: FlaskClient, naga: Any, **more: Any) -> Any:
    return post(
        client, "config", name="Naga", base_url=naga.url, token=naga.token, allow_http=True, **more
    )


def events() -> list[str]:
    db.session().rollback()
    found = select(Event.type).where(Event.subject_kind == "connection").order_by(Event.id)
    return list(db.session().scalars(found))


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_stranger_is_told_so_and_not_led_to_a_page(
    client: FlaskClient, method: str, path: str
) -> None:
    answer = client.open(f"/api/mynaga/{path}", method=method, json={})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert "Location" not in answer.headers


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("person", ["andres", "fina", "felix", "nadia"])
def test_only_admins_may(people, sign_in, person: str, method: str, path: str) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(getattr(people, person))
    answer = client.open(
        f"/api/mynaga/{path}", method=method, json={} if method == "POST" else None
    )
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"


def test_a_connection_is_made_tested_and_audited(
    amihan: FlaskClient, naga: Any, people: Any
) -> None:
    answer = configured(amihan, naga, interval=10, push=False)

    assert answer.status_code == 201, answer.text
    made, tested = answer.json["connection"], answer.json["test"]
    assert (made["interval"], made["push"], made["token_last4"]) == (10, False, naga.token[-4:])
    assert tested["ok"] is True
    assert made["account"] == tested["account"] != ""
    event = db.session().scalars(select(Event).where(Event.type == "connection.created")).one()
    assert (event.actor_kind, event.actor_id) == ("user", people.amihan.id)


def test_the_token_is_nowhere_in_an_answer_nor_in_the_database(
    amihan: FlaskClient, naga: Any
) -> None:
    answers = [
        configured(amihan, naga),
        amihan.get("/api/mynaga/sync/status"),
        post(amihan, "test-connection", id=1),
        configured(amihan, naga, interval=77),
    ]
    assert not any(naga.token in answer.text for answer in answers)
    assert_in_no_row(naga.token)


def test_the_same_name_changes_the_connection_and_keeps_what_is_left_out(
    amihan: FlaskClient, naga: Any
) -> None:
    made = configured(amihan, naga, interval=10, push=False).json["connection"]

    answer = post(amihan, "config", name="Naga", push=True)

    assert answer.status_code == 200, answer.text
    changed = answer.json["connection"]
    assert (changed["id"], changed["interval"], changed["push"]) == (made["id"], 10, True)
    assert tokens.read(connection_of(made["id"])) == naga.token


def test_it_can_be_renamed_by_its_id(amihan: FlaskClient, naga: Any) -> None:
    made = configured(amihan, naga).json["connection"]
    answer = post(amihan, "config", id=made["id"], name="Naga City")
    assert answer.json["connection"]["name"] == "Naga City"
    assert db.session().scalars(select(Connection.name)).all() == ["Naga City"]


def test_a_token_that_is_refused_is_not_saved_unless_one_insists(
    amihan: FlaskClient, naga: Any
) -> None:
    wrong = {"name": "Naga", "base_url": naga.url, "token": "wrong-token-1234", "allow_http": True}

    answer = post(amihan, "config", **wrong)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "test_failed"
    assert "does not know this token" in answer.json["title"]
    assert db.session().scalars(select(Connection)).all() == []
    assert post(amihan, "config", **wrong, untested=True).status_code == 201


def test_another_host_needs_the_token_again(amihan: FlaskClient, naga: Any) -> None:
    configured(amihan, naga)
    asked = len(naga.calls)
    elsewhere = naga.url.replace("127.0.0.1", "localhost")

    answer = post(amihan, "config", name="Naga", base_url=elsewhere, untested=True)

    assert answer.status_code == 422
    assert "token" in answer.json["errors"]
    sent = [call.headers.get("authorization", "") for call in naga.calls[asked:]]
    assert not any(naga.token in header for header in sent)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"interval": 7}, "interval"),
        ({"interval": "often"}, "interval"),
        ({"base_url": "nowhere"}, "base_url"),
        ({"base_url": "ftp://naga.example"}, "base_url"),
        ({"name": ""}, "name"),
        ({"tokn": "x"}, "tokn"),
        ({"name": ["Naga"]}, "name"),
        ({"base_url": None}, "base_url"),
    ],
)
def test_each_wrong_field_is_named_as_it_was_sent(
    amihan: FlaskClient, naga: Any, body: dict[str, Any], field: str
) -> None:
    good = {"name": "Naga", "base_url": naga.url, "token": naga.token, "allow_http": True}
    answer = post(amihan, "config", **good | body)
    assert answer.status_code == 422, answer.text
    assert field in answer.json["errors"]
    assert db.session().scalars(select(Connection)).all() == []


@pytest.mark.parametrize("body", ["", "[1]", "{", '"x"'])
def test_what_is_no_json_object_is_a_problem_and_no_crash(amihan: FlaskClient, body: str) -> None:
    answer = amihan.post("/api/mynaga/config", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_a_test_saves_nothing_and_a_failed_one_is_an_answer(amihan: FlaskClient, naga: Any) -> None:
    good = {"base_url": naga.url, "token": naga.token, "allow_http": True}
    found = post(amihan, "test-connection", **good).json
    assert found["ok"] is True
    assert found["can_push"] is True
    refused = post(amihan, "test-connection", **good | {"token": "wrong-token-1234"}).json
    assert (refused["ok"], refused["kind"]) == (False, "unauthorized")
    assert refused["advice"]
    assert db.session().scalars(select(Connection)).all() == []


def test_a_saved_connection_is_tested_with_its_own_token(amihan: FlaskClient, naga: Any) -> None:
    made = configured(amihan, naga).json["connection"]
    assert post(amihan, "test-connection", id=made["id"]).json["ok"] is True


def test_the_stored_token_is_not_sent_to_another_address(amihan: FlaskClient, naga: Any) -> None:
    made = configured(amihan, naga).json["connection"]
    asked = len(naga.calls)
    elsewhere = naga.url.replace("127.0.0.1", "localhost")
    post(amihan, "test-connection", id=made["id"], base_url=elsewhere)
    assert not any("authorization" in call.headers for call in naga.calls[asked:])


def test_sync_stop_and_resume(amihan: FlaskClient, naga: Any, run: Any) -> None:
    made = configured(amihan, naga).json["connection"]

    started = post(amihan, "sync/manual")
    assert (started.status_code, started.json["already_running"]) == (202, False)
    run(made["id"])
    [shown] = amihan.get("/api/mynaga/sync/status").json["connections"]
    assert shown["last_run"]["state"] == "ok"
    assert shown["last_run"]["created"] == 12

    assert post(amihan, "sync/stop").json["connection"]["status"] == "paused"
    refused = post(amihan, "sync/manual")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert post(amihan, "sync/resume").json["connection"]["status"] in ("ready", "waiting")
    assert events()[-3:] == ["connection.sync_requested", "connection.paused", "connection.resumed"]


def test_with_two_connections_one_says_which(amihan: FlaskClient, naga: Any, connect: Any) -> None:
    first, second = connect(naga), connect(naga, name="Naga 2")
    answer = post(amihan, "sync/stop")
    assert answer.status_code == 422
    assert str(second) in answer.json["errors"]["id"]
    assert post(amihan, "sync/stop", id=second).json["connection"]["id"] == second
    assert connection_of(first).state == "active"
    assert len(amihan.get("/api/mynaga/sync/status").json["connections"]) == 2


def test_a_connection_of_another_kind_is_not_here(
    amihan: FlaskClient, connect: Any, app: Flask
) -> None:
    from tests.fakes.upstreams import open311_server

    with open311_server() as city:
        other = connect(city, kind="open311", name="City")
    assert post(amihan, "sync/stop", id=other).status_code == 404
    assert post(amihan, "sync/stop").status_code == 404
    assert amihan.get(f"/api/mynaga/sync/status?id={other}").status_code == 404


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 40, "1.5", "²"])
def test_no_such_connection(amihan: FlaskClient, number: str) -> None:
    assert amihan.get(f"/api/mynaga/sync/status?id={number}").status_code == 404


def test_a_program_signs_in_with_the_cookie_and_sends_the_csrf_header(
    app: Flask, people: Any
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client(user=people.amihan)
        refused = post(client, "sync/stop")
        assert (refused.status_code, refused.json["code"]) == (400, "csrf")
        assert refused.mimetype == "application/problem+json"

        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/settings").text)
        assert found
        answer = client.post(
            "/api/mynaga/sync/stop", json={}, headers={"X-CSRFToken": found.group(1)}
        )
        assert answer.status_code == 404, "past the door: there is no connection yet"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_each_test_is_in_the_audit_trail_and_its_token_is_not(
    amihan: FlaskClient, naga: Any, people: Any
) -> None:
    good = {"base_url": naga.url, "token": naga.token, "allow_http": True}
    post(amihan, "test-connection", **good)
    post(amihan, "test-connection", **good | {"token": "wrong-token-1234"})
    configured(amihan, naga)
    found = db.session().scalars(select(Event).where(Event.type == "connection.tested")).all()
    assert [event.data["outcome"] for event in found] == ["ok", "unauthorized", "ok"]
    assert {event.actor_id for event in found} == {people.amihan.id}
    assert_in_no_row(naga.token)
    page = amihan.get("/audit").text
    assert "tested the connection to" in page
    assert "/connections/0" not in page
