"""Personal tokens: shown once, kept as a hash, at most what their person may, until they expire or are revoked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import actions, tokens
from webapp.accounts.models import ApiToken
from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import SYSTEM

SignIn = Callable[..., FlaskClient]


def make(client: FlaskClient, *scopes: str, days: int = 90) -> str:
    answer = client.post(
        "/account/tokens", data={"name": "Nightly", "scopes": list(scopes), "days": days}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"tulay_[\w-]{43}", answer.text)
    assert found
    return found[0]


def ask(app: Flask, secret: str, path: str = "/api/auth/me", method: str = "GET") -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    body = {} if method == "POST" else None
    return app.test_client().open(path, method=method, headers=headers, json=body)


def test_a_token_is_shown_once_and_kept_as_a_hash(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    client = sign_in(people.amihan)
    secret = make(client, "read")
    assert ask(app, secret).json["user"]["name"] == "Amihan"
    kept = session.scalars(select(ApiToken)).one()
    assert kept.hash == tokens.hash_of(secret)
    page = client.get("/account/tokens").text
    assert secret not in page
    assert f"…{secret[-4:]}" in page
    events = session.scalars(select(Event.data).where(Event.type == "user.token_made")).all()
    assert events == [{"name": "Nightly", "last4": secret[-4:], "scopes": "read"}]
    audit = client.get("/audit").text
    assert "made a personal token" in audit
    assert secret not in audit


def test_each_scope_opens_its_own_doors(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amihan)
    read, write, admin = (
        make(client, "read"),
        make(client, "read", "write"),
        make(client, "read", "write", "admin"),
    )

    def answers(secret: str) -> list[tuple[int, str]]:
        asked = [ask(app, secret), ask(app, secret, "/api/mynaga/sync/status"),
                 ask(app, secret, "/api/mynaga/sync/stop", "POST")]  # fmt: skip
        return [(each.status_code, each.json.get("code", "")) for each in asked]

    assert answers(read) == [(200, ""), (403, "scope"), (403, "scope")]
    assert answers(write) == [(200, ""), (403, "scope"), (403, "scope")]
    assert answers(admin) == [(200, ""), (200, ""), (404, "not_found")]
    assert ask(app, make(client, "admin")).json["code"] == "scope", "admin alone does not read"


def test_a_token_never_does_more_than_its_person_may(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    secret = make(sign_in(people.andres), "read", "write", "admin")
    refused = ask(app, secret, "/api/mynaga/sync/status")
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_without_the_scope_admin_live_topics_of_admins_are_closed(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amihan)
    poll = "/live/poll?topics=admin"
    assert ask(app, make(client, "read"), poll).status_code == 403
    assert ask(app, make(client, "read", "admin"), poll).status_code != 403


def test_a_token_is_no_way_into_pages_and_makes_no_other_ways_in(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    secret = make(sign_in(people.amihan), "read", "write", "admin")
    assert ask(app, secret, "/account").status_code == 302
    for method, path in (
        ("POST", "/api/auth/tokens"), ("DELETE", "/api/auth/tokens/1"),
        ("DELETE", "/api/auth/devices/1"), ("DELETE", "/api/auth/devices"),
    ):  # fmt: skip
        assert ask(app, secret, path, method).json["code"] == "scope", path


def test_a_token_ends_when_it_expires_is_revoked_or_its_person_is_out(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False) as clock:
        client = sign_in(people.andres)
        first, second, third = (
            make(client, "read", days=30),
            make(client, "read"),
            make(client, "read"),
        )
        numbers = {each.last4: each.id for each in session.scalars(select(ApiToken))}
        clock.shift(timedelta(days=29, hours=23))
        assert ask(app, first).status_code == 200
        clock.shift(timedelta(hours=1))
        refused = ask(app, first)
        assert (refused.status_code, refused.json["code"]) == (401, "bad_token")
        assert "invalid_token" in refused.headers["WWW-Authenticate"]
        client = sign_in(people.andres)
        client.post(f"/account/tokens/{numbers[second[-4:]]}/revoke")
        assert ask(app, second).status_code == 401
        assert ask(app, third).status_code == 200
        with db.transaction():
            actions.edit_user(people.andres, actor=SYSTEM, active=False)
        assert ask(app, third).status_code == 401


def test_a_bad_token_is_refused_also_where_a_session_would_do(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amihan)
    refused = client.get("/api/auth/me", headers={"Authorization": "Bearer tulay_wrong"})
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")


def test_when_it_was_last_used_is_written(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    client = sign_in(people.amihan)
    secret = make(client, "read")
    assert client.get("/api/auth/tokens").json["tokens"][0]["last_used_at"] is None
    ask(app, secret)
    assert client.get("/api/auth/tokens").json["tokens"][0]["last_used_at"]


def test_nobody_revokes_a_token_of_somebody_else(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    secret = make(sign_in(people.andres), "read")
    number = session.scalars(select(ApiToken.id)).one()
    other = sign_in(people.amihan)
    assert other.post(f"/account/tokens/{number}/revoke").status_code == 404
    assert other.delete(f"/api/auth/tokens/{number}").status_code == 404
    assert ask(app, secret).status_code == 200


def test_a_program_that_signed_in_makes_and_revokes_tokens(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.andres)
    wrong = client.post("/api/auth/tokens", json={"name": "", "scopes": ["all"], "days": 9999})
    assert (wrong.status_code, set(wrong.json["errors"])) == (422, {"name", "scopes", "days"})
    made = client.post("/api/auth/tokens", json={"name": "CI", "scopes": ["read"], "days": 30})
    assert made.status_code == 201
    assert ask(app, made.json["secret"]).status_code == 200
    assert client.delete(f"/api/auth/tokens/{made.json['token']['id']}").status_code == 204
    assert ask(app, made.json["secret"]).status_code == 401


def test_one_person_has_at_most_twenty(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.andres)
    for _ in range(20):
        make(client, "read")
    more = client.post("/account/tokens", data={"name": "x", "scopes": ["read"], "days": 30})
    assert more.status_code == 409
    assert "20 tokens" in more.text
