"""Programs that sign in: cookies, their double submit, tokens that expire, come round and are stolen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import PASSWORD
from webapp.accounts import actions, tokens
from webapp.accounts.models import RefreshToken
from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.notifications.models import Notice
from webapp.outbox.models import Delivery

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def log_in(client: FlaskClient, email: str = "amihan@example.org", **more: str) -> Any:
    return client.post("/api/auth/login", json={"email": email, "password": PASSWORD, **more})


def csrf(client: FlaskClient) -> dict[str, str]:
    cookie = client.get_cookie("tulay_csrf")
    return {"X-CSRFToken": cookie.value if cookie else ""}


def refresh(client: FlaskClient) -> Any:
    return client.post("/api/auth/refresh", headers=csrf(client))


def test_signing_in_sets_cookies_that_no_script_and_no_other_site_gets(
    app: Flask, client: FlaskClient, people: SimpleNamespace
) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    try:
        answer = log_in(client, email="  AMIHAN@Example.ORG ")
    finally:
        app.config["SESSION_COOKIE_SECURE"] = False
    assert answer.status_code == 200
    assert answer.json["user"]["email"] == "amihan@example.org"
    assert (answer.json["expires_in"], answer.headers["Cache-Control"]) == (900, "no-store")
    cookies = {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    for name in ("tulay_access", "tulay_refresh", "tulay_csrf"):
        assert "SameSite=Strict" in cookies[name]
        assert "Secure" in cookies[name]
    assert "HttpOnly" in cookies["tulay_access"]
    assert "HttpOnly" in cookies["tulay_refresh"]
    assert "HttpOnly" not in cookies["tulay_csrf"]
    assert "Path=/api/auth" in cookies["tulay_refresh"]


@pytest.mark.parametrize("email", ["ａｍｉｈａｎ@example.org", "Amihan@EXAMPLE.org\u00a0"])
def test_an_address_is_known_in_whatever_form_it_is_typed(
    client: FlaskClient, people: SimpleNamespace, email: str
) -> None:
    assert log_in(client, email=email).status_code == 200


def test_what_is_wrong_with_the_fields_comes_as_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/auth/login", json={"email": "", "pass": "x"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert set(answer.json["errors"]) == {"pass"}
    answer = client.post("/api/auth/login", json={"email": ""})
    assert set(answer.json["errors"]) == {"email", "password"}
    assert client.post("/api/auth/login", json=["x"]).status_code == 422


def test_a_form_of_another_site_cannot_sign_anybody_in(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    body = '{"email": "amihan@example.org", "password": "' + PASSWORD + '"}'
    answer = client.post("/api/auth/login", data=body, content_type="text/plain")
    assert answer.status_code == 422
    assert not answer.headers.getlist("Set-Cookie")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answers_and_the_same_waits(
    client: FlaskClient, people: SimpleNamespace, clock: Any
) -> None:
    def answers(email: str) -> list[tuple[int, str, str | None]]:
        said = [
            client.post("/api/auth/login", json={"email": email, "password": "wrong"})
            for _ in range(6)
        ]
        return [
            (each.status_code, each.json["title"], each.headers.get("Retry-After")) for each in said
        ]

    known, unknown = answers("amihan@example.org"), answers("nobody@example.org")
    assert known == unknown
    assert [status for status, _, _ in known] == [401, 401, 401, 401, 429, 429]
    assert known[4][2] == "30"
    assert log_in(client).status_code == 429, "also the right one waits"
    clock.shift(timedelta(seconds=31))
    assert log_in(client).status_code == 200


def test_the_api_takes_the_access_cookie_until_it_expires_after_fifteen_minutes(
    client: FlaskClient, people: SimpleNamespace, clock: Any
) -> None:
    log_in(client)
    assert client.get("/api/auth/me").json["user"]["name"] == "Amihan"
    clock.shift(timedelta(minutes=14, seconds=59))
    assert client.get("/api/mynaga/sync/status").status_code == 200
    clock.shift(timedelta(seconds=1))
    refused = client.get("/api/mynaga/sync/status")
    assert (refused.status_code, refused.json["code"]) == (401, "signed_out")
    assert refresh(client).status_code == 200
    assert client.get("/api/mynaga/sync/status").status_code == 200


def test_pages_take_no_token_cookies(client: FlaskClient, people: SimpleNamespace) -> None:
    log_in(client)
    assert client.get("/account").status_code == 302


def test_a_change_needs_the_header_that_repeats_the_cookie(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    log_in(client)
    for headers in (
        {},
        {"X-CSRFToken": "wrong"},
        {"X-CSRFToken": tokens.csrf_of("another device")},
    ):
        refused = client.post("/api/mynaga/sync/stop", json={}, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (400, "csrf")
        assert ("X-CSRFToken is missing" in refused.json["title"]) is not bool(headers)
        assert client.post("/api/auth/refresh", headers=headers).status_code == 400
        assert client.post("/api/auth/logout", headers=headers).status_code == 400
    passed = client.post("/api/mynaga/sync/stop", json={}, headers=csrf(client))
    assert passed.status_code == 404, "past the door: there is no connection yet"


def test_a_token_of_another_key_or_for_another_purpose_is_none(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    import jwt

    key = log_in(client) and _device_key()
    claims = {
        "iss": "tulay",
        "sub": "1",
        "sid": key,
        "iat": START,
        "exp": START + timedelta(days=9999),
    }
    for forged in (
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        "rubbish",
    ):
        client.set_cookie("tulay_access", forged)
        assert client.get("/api/auth/me").status_code == 401


def test_refreshing_brings_a_new_token_and_the_old_one_never_counts_again(
    client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    log_in(client)
    old = _refresh_of(client)
    assert refresh(client).json["user"]["name"] == "Amihan"
    assert _refresh_of(client) != old
    stored = session.scalars(select(RefreshToken.hash)).all()
    assert tokens.hash_of(old) in stored
    assert old not in stored


def test_a_token_that_comes_twice_ends_the_whole_family_and_the_person_is_told(
    app: Flask, client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    log_in(client)
    thief = _copy(app, client)
    assert refresh(client).status_code == 200
    assert refresh(thief).status_code == 401
    assert client.get("/api/auth/me").status_code == 401, "the access token is out, too"
    assert refresh(client).status_code == 401, "and so is the newest refresh token"
    assert refresh(thief).status_code == 401
    reused = session.scalars(select(Event).where(Event.type == "user.refresh_token_reused")).all()
    assert [event.subject_id for event in reused] == [people.amihan.id]
    mails = session.scalars(select(Delivery).where(Delivery.kind == "account_token_reused")).all()
    assert [mail.payload["to_address"] for mail in mails] == ["amihan@example.org"]
    notices = session.scalars(select(Notice).where(Notice.event_id == reused[0].id)).all()
    assert [(each.user_id, each.url) for each in notices] == [
        (people.amihan.id, "/account/devices")
    ]


def test_another_device_of_that_person_stays_when_one_family_ends(
    app: Flask, client: FlaskClient, people: SimpleNamespace
) -> None:
    other = app.test_client()
    log_in(client)
    log_in(other)
    thief = _copy(app, client)
    refresh(client)
    refresh(thief)
    assert other.get("/api/auth/me").status_code == 200


def test_a_refresh_token_is_good_for_thirty_days(
    client: FlaskClient, people: SimpleNamespace, clock: Any
) -> None:
    log_in(client)
    clock.shift(timedelta(days=29, hours=23))
    assert refresh(client).status_code == 200
    clock.shift(timedelta(days=30, seconds=1))
    assert refresh(client).status_code == 401


def test_signing_out_ends_the_family_and_clears_the_cookies(
    app: Flask, client: FlaskClient, people: SimpleNamespace
) -> None:
    log_in(client)
    copy = _copy(app, client)
    answer = client.post("/api/auth/logout", headers=csrf(client))
    assert answer.status_code == 204
    assert client.get_cookie("tulay_access") is None
    assert copy.get("/api/auth/me").status_code == 401
    assert refresh(copy).status_code == 401
    assert client.post("/api/auth/logout").status_code == 401


def test_signing_out_works_after_the_access_token_expired(
    client: FlaskClient, people: SimpleNamespace, clock: Any
) -> None:
    log_in(client)
    clock.shift(timedelta(hours=1))
    assert client.post("/api/auth/logout", headers=csrf(client)).status_code == 204


@pytest.mark.parametrize("change", [{"active": False}, {"role": "finance"}])
def test_a_change_of_rights_ends_all_families(
    client: FlaskClient, people: SimpleNamespace, change: dict[str, Any]
) -> None:
    log_in(client, email="andres@example.org")
    with db.transaction():
        actions.edit_user(people.andres, actor=SYSTEM, **change)
    assert client.get("/api/auth/me").status_code == 401
    assert refresh(client).status_code == 401


def _refresh_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tulay_refresh", path="/api/auth")
    assert cookie
    return cookie.value


def _copy(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another client with the same cookies."""
    made = app.test_client()
    for name, path in (("tulay_access", "/"), ("tulay_csrf", "/"), ("tulay_refresh", "/api/auth")):
        cookie = client.get_cookie(name, path=path)
        assert cookie
        made.set_cookie(name, cookie.value, path=path)
    return made


def _device_key() -> str:
    from webapp.accounts.models import Device

    return db.session().scalars(select(Device.key)).one()
