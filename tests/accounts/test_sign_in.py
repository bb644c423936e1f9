"""Signing in, being slowed down, ending sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import PASSWORD
from webapp.accounts import actions, signin
from webapp.accounts.models import User
from webapp.core import db
from webapp.core.errors import Invalid
from webapp.events.models import Event
from webapp.events.types import SYSTEM

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def with_csrf(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def _post(client: FlaskClient, email: str, password: str, **more: str) -> tuple[int, str]:
    answer = client.post("/login", data={"email": email, "password": password, **more})
    return answer.status_code, answer.text


def test_the_right_password_leads_where_one_wanted_to_go(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    answer = client.get("/tickets?status=open")
    assert answer.status_code == 302
    answer = client.post(
        "/login",
        data={"email": " Amihan@Example.org", "password": PASSWORD, "next": "/tickets?status=open"},
    )
    assert (answer.status_code, answer.location) == (303, "/tickets?status=open")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"]
)
def test_it_never_leads_to_another_site(
    client: FlaskClient, people: SimpleNamespace, target: str
) -> None:
    answer = client.post(
        "/login", data={"email": "amihan@example.org", "password": PASSWORD, "next": target}
    )
    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    wrong = _post(client, "amihan@example.org", "wrong password")
    unknown = _post(client, "nobody@example.org", "wrong password")
    assert wrong[0] == unknown[0] == 422
    assert "do not fit together" in wrong[1]
    assert "do not fit together" in unknown[1]


def test_the_password_is_never_written_into_the_page(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    assert "my secret words" not in _post(client, "amihan@example.org", "my secret words")[1]


def test_the_fifth_wrong_password_slows_the_sign_in_down(
    client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False) as clock:
        for _ in range(4):
            assert _post(client, "amihan@example.org", "wrong")[0] == 422
        status, page = _post(client, "amihan@example.org", "wrong")
        assert status == 429
        assert "31 seconds" in page or "30 seconds" in page
        assert _post(client, "amihan@example.org", PASSWORD)[0] == 429
        clock.shift(3601)
        assert _post(client, "amihan@example.org", PASSWORD)[0] == 303
    assert session.scalar(select(Event.id).where(Event.type == "user.sign_in_slowed"))


def test_waits_double_up_to_an_hour() -> None:
    waits = [int(signin.wait_after(n).total_seconds()) for n in (0, 4, 5, 6, 7, 12, 400)]
    assert waits == [0, 0, 30, 60, 120, 3600, 3600]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert signin.seconds_left(now + timedelta(seconds=5), now) == 6
    assert signin.seconds_left(now, now) == 0


def test_a_form_without_its_token_is_refused_with_a_sentence(
    client: FlaskClient, people: SimpleNamespace, with_csrf: None
) -> None:
    status, page = _post(client, "amihan@example.org", PASSWORD)
    assert status == 400
    assert "Reload the page" in page


def test_a_deactivated_person_is_out_at_once(sign_in: SignIn, people: SimpleNamespace) -> None:
    browser = sign_in(people.andres)
    assert browser.get("/account").status_code == 200
    with db.transaction():
        actions.edit_user(people.andres, actor=SYSTEM, active=False)
    assert browser.get("/account").status_code == 302


def test_signing_out_everywhere_ends_the_other_browser_too(
    sign_in: SignIn, people: SimpleNamespace
) -> None:
    here, there = sign_in(people.andres), sign_in(people.andres)
    assert here.post("/account/sign-out-everywhere").status_code == 303
    assert there.get("/account").status_code == 302


def test_changing_the_password_needs_the_old_one_and_keeps_this_browser(
    sign_in: SignIn, people: SimpleNamespace
) -> None:
    here, there = sign_in(people.andres), sign_in(people.andres)
    refused = here.post(
        "/account/password", data={"current": "no", "password": "a new long password"}
    )
    assert refused.status_code == 422
    assert (
        here.post(
            "/account/password", data={"current": PASSWORD, "password": "a new long password"}
        ).status_code
        == 303
    )
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_that_is_too_short_or_long_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(Invalid), db.transaction():
        actions.create_user(
            "x@example.org", name="X", role="agent", password=password, actor=SYSTEM
        )


def test_an_address_is_used_once_whatever_its_capitals(app: Flask, people: SimpleNamespace) -> None:
    with pytest.raises(Invalid), db.transaction():
        actions.create_user(
            "AMIHAN@example.org", name="X", role="agent", password=PASSWORD, actor=SYSTEM
        )


def test_a_fragment_asked_for_by_a_stranger_is_no_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/tickets", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "<form" not in answer.text


def test_a_role_without_the_right_is_refused_in_words(
    sign_in: SignIn, people: SimpleNamespace
) -> None:
    answer = sign_in(people.andres).get("/connections")
    assert answer.status_code == 403
    assert "role" in answer.text
