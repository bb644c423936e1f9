"""The second factor: set up, asked after the password, no code twice, recovery codes, demanded of roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import PASSWORD
from webapp.accounts.models import RecoveryCode
from webapp.core import settings as core_settings
from webapp.core.settings import Settings
from webapp.events.models import Event
from webapp.outbox.models import Delivery

SignIn = Callable[..., FlaskClient]
EMAIL = "andres@example.org"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, 7, tzinfo=UTC), tick=False) as moved:
        yield moved


@pytest.fixture
def andres(people: SimpleNamespace, sign_in: SignIn, clock: Any) -> SimpleNamespace:
    """Andres, who has just set up a second factor: his browser, his app, his recovery codes."""
    client = sign_in(people.andres)
    client.post("/account/second-factor/begin")
    page = client.get("/account/second-factor")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<svg" in page.text
    found = re.search(r'data-copy="([A-Z2-7]{32})"', page.text)
    assert found
    app = pyotp.TOTP(found[1])
    wrong = client.post("/account/second-factor/confirm", data={"code": "000000"})
    assert (wrong.status_code, "does not fit" in wrong.text) == (422, True)
    done = client.post("/account/second-factor/confirm", data={"code": app.now()})
    codes = re.findall(r"<li>((?:\w{4}-){3}\w{4})</li>", done.text)
    assert len(codes) == 10
    clock.shift(timedelta(seconds=30))
    return SimpleNamespace(client=client, app=app, codes=codes, user=people.andres)


def password(client: FlaskClient) -> Any:
    return client.post("/login", data={"email": EMAIL, "password": PASSWORD, "next": "/tickets"})


def code(client: FlaskClient, text: str) -> Any:
    return client.post("/login/code", data={"code": text})


def api_login(client: FlaskClient, **more: str) -> Any:
    return client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD, **more})


def test_the_code_is_asked_after_the_password_and_leads_where_one_wanted_to_go(
    client: FlaskClient, andres: SimpleNamespace
) -> None:
    answer = password(client)
    assert answer.location == "/login/code"
    assert client.get("/account").status_code == 302, "the password alone opens nothing"
    assert 'autocomplete="one-time-code"' in client.get("/login/code").text
    assert code(client, "123456").status_code == 422
    answer = code(client, f" {andres.app.now()[:3]} {andres.app.now()[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/tickets")
    assert client.get("/account").status_code == 200


def test_no_code_counts_twice(app: Flask, andres: SimpleNamespace, clock: Any) -> None:
    used = andres.app.now()
    for expected in (303, 422):
        client = app.test_client()
        password(client)
        assert code(client, used).status_code == expected
    clock.shift(timedelta(seconds=30))
    client = app.test_client()
    password(client)
    assert code(client, used).status_code == 422, "nor does it in the lenient half minute after"
    assert code(client, andres.app.now()).status_code == 303


def test_a_phone_may_be_half_a_minute_off_and_no_more(
    app: Flask, andres: SimpleNamespace, clock: Any
) -> None:
    clock.shift(timedelta(minutes=5))
    now = datetime.now(UTC)
    for seconds, expected in ((-60, 422), (60, 422), (-30, 303), (30, 303)):
        client = app.test_client()
        password(client)
        assert code(client, andres.app.at(now + timedelta(seconds=seconds))).status_code == expected


def test_a_recovery_code_signs_in_once_and_the_person_is_told(
    app: Flask, andres: SimpleNamespace, session: Session
) -> None:
    for expected in (303, 422):
        client = app.test_client()
        password(client)
        assert code(client, andres.codes[3].upper()).status_code == expected
    assert session.scalars(
        select(Event.data).where(Event.type == "user.recovery_code_used")
    ).all() == [{"left": 9}]
    assert session.scalars(select(Delivery.kind)).all() == ["account_recovery_used"]
    kept = session.scalars(select(RecoveryCode.hash)).all()
    assert not set(kept) & {each.replace("-", "") for each in andres.codes}


def test_wrong_codes_slow_down_and_the_right_password_does_not_forgive_them(
    app: Flask, andres: SimpleNamespace, clock: Any
) -> None:
    client = app.test_client()
    for _ in range(4):
        password(client)
        assert code(client, "000000").status_code == 422
    assert code(client, "000000").status_code == 429
    assert code(client, andres.app.now()).status_code == 429
    assert password(app.test_client()).status_code == 429
    clock.shift(timedelta(seconds=31))
    password(client)
    assert code(client, andres.app.now()).status_code == 303


def test_halfway_ends_after_five_minutes(
    client: FlaskClient, andres: SimpleNamespace, clock: Any
) -> None:
    password(client)
    clock.shift(timedelta(minutes=5, seconds=1))
    assert code(client, andres.app.now()).location == "/login"
    assert client.get("/login/code").location == "/login"


def test_a_program_sends_the_code_with_the_password(
    client: FlaskClient, andres: SimpleNamespace
) -> None:
    asked = api_login(client)
    assert (asked.status_code, asked.json["code"]) == (401, "second_factor")
    assert not asked.headers.getlist("Set-Cookie")
    assert api_login(client, code="000000").json["code"] == "wrong_password"
    wrong = client.post(
        "/api/auth/login", json={"email": EMAIL, "password": "wrong", "code": andres.app.now()}
    )
    assert wrong.status_code == 401
    passed = api_login(client, code=andres.app.now())
    assert passed.json["user"]["second_factor"] is True


def test_the_secret_is_sealed_and_moves_with_the_key_ring(
    app: Flask, client: FlaskClient, andres: SimpleNamespace, session: Session, settings: Settings
) -> None:
    before = andres.user.totp_sealed
    assert andres.app.secret not in before
    ring = (SecretStr(Fernet.generate_key().decode()), *settings.tulay_secret_keys)
    core_settings.install(settings.model_copy(update={"tulay_secret_keys": ring}))
    try:
        done = app.test_cli_runner().invoke(args=["rotate-keys"])
        assert done.exit_code == 0, done.output
        core_settings.install(settings.model_copy(update={"tulay_secret_keys": ring[:1]}))
        session.expire_all()
        assert andres.user.totp_sealed != before
        password(client)
        assert code(client, andres.app.now()).status_code == 303
    finally:
        core_settings.install(settings)


def test_new_codes_and_switching_it_off_need_the_password(
    app: Flask, andres: SimpleNamespace
) -> None:
    here = andres.client
    for path in ("codes", "remove"):
        refused = here.post(f"/account/second-factor/{path}", data={"current": "wrong"})
        assert refused.status_code == 422
    new = here.post("/account/second-factor/codes", data={"current": PASSWORD})
    assert andres.codes[0] not in new.text
    client = app.test_client()
    password(client)
    assert code(client, andres.codes[0]).status_code == 422, "the old ones stopped working"
    here.post("/account/second-factor/remove", data={"current": PASSWORD})
    assert password(app.test_client()).location == "/tickets"


def test_who_lost_it_is_let_in_by_an_admin(
    app: Flask, andres: SimpleNamespace, people: SimpleNamespace, sign_in: SignIn
) -> None:
    path = f"/settings/people/{people.andres.id}/second-factor"
    assert andres.client.post(path).status_code == 403
    admin = sign_in(people.amihan)
    assert path in admin.get(f"/settings/people/{people.andres.id}").text
    admin.post(path)
    assert password(app.test_client()).location == "/tickets"


def test_a_secret_in_use_is_not_replaced_by_beginning_again(
    client: FlaskClient, andres: SimpleNamespace
) -> None:
    andres.client.post("/account/second-factor/begin")
    password(client)
    assert code(client, andres.app.now()).status_code == 303


def test_whose_role_must_have_one_sets_it_up_before_anything_else(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, clock: Any
) -> None:
    agent, admin = sign_in(people.andres), sign_in(people.amihan)
    made = agent.post("/api/auth/tokens", json={"name": "x", "scopes": ["read"], "days": 9})
    token = {"Authorization": f"Bearer {made.json['secret']}"}
    assert admin.post("/settings/access", data={"factor_roles": ["agent"]}).status_code == 303
    assert admin.get("/account").status_code == 200, "another role"
    for path in ("/tickets", "/", "/account", "/account/tokens"):
        assert agent.get(path).location == "/account/second-factor", path
    assert "Your role needs a second factor" in agent.get("/account/second-factor").text
    refused = agent.post("/account/shortcuts", data={"shortcuts": "off"})
    assert refused.status_code == 403
    for answer in (
        agent.get("/live?topics=staff", headers={"Accept": "application/json"}),
        agent.get("/api/auth/devices"),
        app.test_client().get("/api/auth/devices", headers=token),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "second_factor_needed")
    agent.post("/account/second-factor/begin")
    found = re.search(r'data-copy="([A-Z2-7]{32})"', agent.get("/account/second-factor").text)
    assert found
    agent.post("/account/second-factor/confirm", data={"code": pyotp.TOTP(found[1]).now()})
    assert agent.get("/tickets").status_code == 200
    assert app.test_client().get("/api/auth/devices", headers=token).status_code == 200
    assert "agent" in admin.get("/audit").text


def test_only_admins_say_who_must_have_one_and_only_of_roles_that_exist(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    assert sign_in(people.andres).get("/settings/access").status_code == 403
    wrong = sign_in(people.amihan).post("/settings/access", data={"factor_roles": ["king"]})
    assert wrong.status_code == 422


def test_a_program_sets_it_up_and_removes_it(
    people: SimpleNamespace, sign_in: SignIn, clock: Any
) -> None:
    client, path = sign_in(people.andres), "/api/auth/second-factor"
    assert client.get(path).json == {"on": False, "since": None, "codes_left": 0, "must": False}
    begun = client.post(path, json={})
    assert (begun.status_code, begun.headers["Cache-Control"]) == (201, "no-store")
    app = pyotp.TOTP(begun.json["secret"])
    assert begun.json["address"].startswith("otpauth://totp/")
    refused = client.post(f"{path}/confirm", json={"code": "000000"})
    assert (refused.status_code, [*refused.json["errors"]]) == (422, ["code"])
    done = client.post(f"{path}/confirm", json={"code": app.now()})
    assert len(done.json["recovery_codes"]) == 10
    assert client.get(path).json["on"]
    assert client.post(path, json={}).status_code == 409
    wrong = client.post(f"{path}/codes", json={"current": "not my password"})
    assert (wrong.status_code, [*wrong.json["errors"]]) == (422, ["current"])
    new = client.post(f"{path}/codes", json={"current": PASSWORD}).json["recovery_codes"]
    assert not {*new} & {*done.json["recovery_codes"]}
    assert client.delete(path, json={"current": "not my password"}).status_code == 422
    assert client.delete(path, json={"current": PASSWORD}).status_code == 204
    assert client.get(path).json["codes_left"] == 0
