"""People: an account is created with a role, its password shown once; roles change, access ends."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.accounts.passwords import matches
from webapp.events.models import Event

NEW = {"email": "Berto@Example.org", "name": "Berto", "role": "agent", "timezone": "Asia/Manila"}


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


def password_on(page: str) -> str:
    return html.unescape(re.findall(r'copyable__text" dir="ltr">([^<]+)<', page)[1])


def berto(session: Session) -> User | None:
    return session.query(User).filter_by(email="berto@example.org").one_or_none()


def test_a_new_persons_password_is_shown_once_works_and_is_kept_nowhere(
    admin: FlaskClient, client: FlaskClient, session: Session
) -> None:
    answer = admin.post("/settings/people/new", data=NEW)
    password = password_on(answer.text)
    made = berto(session)
    assert made is not None
    assert (made.role, made.active) == ("agent", True)
    assert matches(made.password_hash, password)
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in admin.get(f"/settings/people/{made.id}").text
    assert all(password not in str(event.data) for event in session.query(Event))
    signed_in = client.post("/login", data={"email": "berto@example.org", "password": password})
    assert signed_in.status_code == 302 or signed_in.status_code == 303


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": "andres@example.org"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "king"}, "role"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_a_wrong_field_is_marked_and_nobody_is_created(
    admin: FlaskClient, session: Session, values: dict[str, str], field: str
) -> None:
    before = session.query(User).count()
    answer = admin.post("/settings/people/new", data=NEW | values)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert session.query(User).count() == before


def test_everybody_is_listed_with_role_and_state(admin: FlaskClient) -> None:
    page = admin.get("/settings/people").text
    assert all(name in page for name in ("Amihan", "Andres", "Fina", "Felix", "felix@example.org"))


def test_a_change_of_role_is_recorded_and_ends_the_sessions(
    admin: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    epoch = people.andres.epoch
    where = f"/settings/people/{people.andres.id}"
    data = {"name": "Andres", "role": "finance", "timezone": "Asia/Manila"}
    assert admin.post(where, data=data).status_code == 303
    session.refresh(people.andres)
    assert (people.andres.role, people.andres.epoch) == ("finance", epoch + 1)
    event = session.query(Event).filter_by(type="user.edited").one()
    assert event.data["changes"] == {"role": ["agent", "finance"]}
    assert "Andres" in admin.get("/audit?type=user.edited").text


def test_a_deactivated_person_is_out_until_let_in_again(
    admin: FlaskClient,
    people: SimpleNamespace,
    sign_in: Callable[..., FlaskClient],
    session: Session,
) -> None:
    theirs = sign_in(people.andres)
    assert theirs.get("/tickets").status_code == 200
    where = f"/settings/people/{people.andres.id}/active"
    admin.post(where, data={"active": "0"})
    session.refresh(people.andres)
    assert not people.andres.active
    assert theirs.get("/tickets").status_code == 302
    admin.post(where, data={"active": "1"})
    session.refresh(people.andres)
    assert people.andres.active


def test_the_only_admin_stays_admin(
    admin: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    where = f"/settings/people/{people.amihan.id}"
    answer = admin.post(where, data={"name": "Amihan", "role": "agent", "timezone": "Asia/Manila"})
    assert (answer.status_code, "only admin" in answer.text) == (422, True)
    assert admin.post(where + "/active", data={"active": "0"}).status_code == 422
    session.refresh(people.amihan)
    assert (people.amihan.role, people.amihan.active) == ("admin", True)


def test_a_reset_password_replaces_the_old_one(
    admin: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    answer = admin.post(f"/settings/people/{people.fina.id}/password")
    session.refresh(people.fina)
    assert matches(people.fina.password_hash, password_on(answer.text))
    assert not matches(people.fina.password_hash, "correct horse battery")


def test_somebody_who_is_not_there_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/settings/people/4711").status_code == 404
