"""Invitations, sign-ups and new passwords by a mailed link: once, for a while, and without telling who is here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
from webapp.accounts import actions, tasks
from webapp.accounts.models import AccountLink, User
from webapp.core import db
from webapp.core import settings as core_settings
from webapp.core.settings import Settings
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.mail.channel import MailChannel
from webapp.outbox.models import Delivery

SignIn = Callable[..., FlaskClient]
Links = Callable[[], list[str]]
NEW = "another horse battery"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 20, 8, tzinfo=UTC), tick=False) as moved:
        yield moved


@pytest.fixture
def links(session: Session, settings: Settings) -> Iterator[Links]:
    """The paths in the mails that wait, oldest first: out of the letters as they would leave."""
    core_settings.install(settings.model_copy(update={"mail_server": "mail.example"}))

    def found() -> list[str]:
        session.expire_all()
        mails = session.scalars(
            select(Delivery).where(Delivery.kind.like("account_%")).order_by(Delivery.id)
        )
        letters = [
            MailChannel().prepare(mail, unsure=False).call.message.decode() for mail in mails
        ]
        paths = [
            re.search(r"http://[^/]+(/(?:join|password)/[\w/-]+)", _joined(each))
            for each in letters
        ]
        return [path[1] for path in paths if path]

    yield found
    core_settings.install(settings)


def _joined(letter: str) -> str:
    return letter.replace("=\r\n", "")


def _main(page: str) -> str:
    return page.split("<main")[1].split("</main", maxsplit=1)[0]


def access(**values: Any) -> None:
    with db.transaction():
        actions.set_access(actor=SYSTEM, factor_roles=(), **values)


def invite(client: FlaskClient, email: str = "Bayani@Example.org", role: str = "agent") -> Any:
    data = {"email": email, "name": "Bayani", "role": role}
    return client.post("/settings/access/invitations", data=data)


def test_an_invitation_leads_to_an_account_with_the_role_and_signs_in(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn, links: Links, session: Session
) -> None:
    assert invite(sign_in(people.amihan)).status_code == 303
    [path] = links()
    page = client.get(path)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert "bayani@example.org" in page.text
    short = client.post(path, data={"name": "Bayani", "password": "short"})
    assert short.status_code == 422
    assert client.post(path, data={"name": "Bayani C.", "password": NEW}).status_code == 303
    assert client.get("/tickets").status_code == 200
    made = session.scalars(select(User).where(User.email == "bayani@example.org")).one()
    assert (made.name, made.role) == ("Bayani C.", "agent")
    assert client.get(path).status_code == 404, "it opens once"
    types = set(session.scalars(select(Event.type)))
    assert {"user.invitation_sent", "user.joined", "user.created"} <= types


def test_the_link_stands_neither_in_the_database_nor_in_the_outbox(
    people: SimpleNamespace, sign_in: SignIn, links: Links, session: Session
) -> None:
    admin = sign_in(people.amihan)
    invite(admin)
    secret = links()[0].rsplit("/", 1)[1]
    delivery = session.scalars(select(Delivery).where(Delivery.kind == "account_invited")).one()
    assert secret not in str(delivery.payload)
    assert secret not in admin.get(f"/outbox/{delivery.id}").text
    assert secret not in str(session.execute(select(AccountLink.hash)).all())


def test_an_invitation_ends_when_it_is_withdrawn_replaced_or_a_week_old(
    client: FlaskClient,
    people: SimpleNamespace,
    sign_in: SignIn,
    links: Links,
    session: Session,
    clock: Any,
) -> None:
    admin = sign_in(people.amihan)
    invite(admin)
    invite(admin)
    first, second = links()
    assert client.get(first).status_code == 404, "the newer one took its place"
    assert client.get(second).status_code == 200
    assert admin.get("/settings/access").text.count("bayani@example.org") == 1
    number = session.scalars(select(AccountLink.id).order_by(AccountLink.id.desc())).first()
    assert admin.post(f"/settings/access/invitations/{number}/withdraw").status_code == 303
    assert client.get(second).status_code == 404
    assert admin.post(f"/settings/access/invitations/{number}/withdraw").status_code == 404
    invite(admin)
    third = links()[-1]
    clock.shift(timedelta(days=6, hours=23))
    assert client.get(third).status_code == 200
    clock.shift(timedelta(hours=1))
    assert client.post(third, data={"name": "B", "password": NEW}).status_code == 404
    clock.shift(timedelta(days=8))
    assert tasks.prune()["links"] == 3


def test_only_admins_invite_and_nobody_who_is_here(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    assert invite(sign_in(people.andres)).status_code == 403
    admin = sign_in(people.amihan)
    assert "already has this address" in invite(admin, email="FINA@example.org").text
    assert invite(admin, email="no address").status_code == 422
    assert invite(admin, role="king").status_code == 422
    access(signup="closed")
    assert invite(admin).status_code == 409


@pytest.mark.parametrize("way", ["closed", "invited"])
def test_nobody_signs_up_where_they_may_not(
    client: FlaskClient, people: SimpleNamespace, way: str, session: Session
) -> None:
    access(signup=way)
    refused = client.post("/api/auth/signup", json={"email": "x@example.net", "name": "X"})
    assert (refused.status_code, refused.json["code"]) == (403, "signup_closed")
    assert client.post("/join", data={"email": "x@example.net", "name": "X"}).status_code == 403
    assert "<form" not in _main(client.get("/join").text)
    assert "/join" not in client.get("/login").text
    assert session.scalars(select(Delivery)).all() == []


def test_by_domain_only_confirmed_addresses_of_it_come_in(
    client: FlaskClient, people: SimpleNamespace, links: Links, session: Session
) -> None:
    access(signup="domains", signup_domains=["city.example"], signup_role="field")
    for outside in ("x@example.net", "x@evil-city.example", "x@city.example.net"):
        refused = client.post("/api/auth/signup", json={"email": outside, "name": "X"})
        assert refused.status_code == 403, outside
    asked = client.post("/api/auth/signup", json={"email": "Bea@CITY.example ", "name": "Bea"})
    assert (asked.status_code, asked.json) == (202, {"status": "mailed"})
    assert session.scalar(select(User).where(User.email == "bea@city.example")) is None
    token = links()[0].rsplit("/", 1)[1]
    wrong = client.post("/api/auth/signup", json={"token": "x", "name": "Bea", "password": NEW})
    assert wrong.status_code == 404
    made = client.post("/api/auth/signup", json={"token": token, "name": "Bea", "password": NEW})
    assert (made.status_code, made.json["user"]["role"]) == (201, "field")
    assert client.get("/api/auth/me").json["user"]["email"] == "bea@city.example"
    again = client.post("/api/auth/signup", json={"token": token, "name": "B", "password": NEW})
    assert again.status_code == 404


def test_signing_up_with_an_address_that_is_here_answers_the_same_and_mails_its_owner(
    client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    access(signup="open")
    answers = [
        client.post("/join", data={"email": email, "name": "X"})
        for email in ("fina@example.org", "new@example.org")
    ]
    assert _main(answers[0].text) == _main(answers[1].text)
    kinds = session.scalars(select(Delivery.kind).order_by(Delivery.id)).all()
    assert kinds == ["account_known", "account_confirm"]


def test_a_new_password_by_mail_ends_all_devices_and_the_link(
    app: Flask, client: FlaskClient, people: SimpleNamespace, sign_in: SignIn, links: Links
) -> None:
    there = sign_in(people.andres)
    client.post("/password/forgotten", data={"email": " ANDRES@example.org"})
    client.post("/password/forgotten", data={"email": "andres@example.org"})
    first, second = links()
    assert client.get(first).status_code == 404, "only the newest is good"
    assert client.post(second, data={"password": "short"}).status_code == 422
    assert client.post(second, data={"password": NEW}).location == "/login"
    assert there.get("/account").status_code == 302
    assert client.post(second, data={"password": NEW}).status_code == 404
    for password, expected in ((PASSWORD, 422), (NEW, 303)):
        tried = client.post("/login", data={"email": "andres@example.org", "password": password})
        assert tried.status_code == expected


def test_whether_an_address_is_here_shows_nowhere(
    client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    with db.transaction():
        actions.edit_user(people.felix, actor=SYSTEM, active=False)
    pages = {
        _main(client.post("/password/forgotten", data={"email": email}).text)
        for email in ("andres@example.org", "nobody@example.org", "felix@example.org")
    }
    assert len(pages) == 1
    assert [mail.payload["to_address"] for mail in session.scalars(select(Delivery))] == [
        "andres@example.org"
    ]


def test_a_reset_link_is_good_for_an_hour_and_at_most_five_go_out_in_one(
    client: FlaskClient, people: SimpleNamespace, links: Links, clock: Any
) -> None:
    for _ in range(7):
        client.post("/password/forgotten", data={"email": "andres@example.org"})
    assert len(links()) == 5
    path = links()[-1]
    clock.shift(timedelta(minutes=59))
    assert client.get(path).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert client.get(path).status_code == 404


def test_a_link_of_one_kind_is_none_of_another(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn, links: Links
) -> None:
    invite(sign_in(people.amihan))
    client.post("/password/forgotten", data={"email": "andres@example.org"})
    join, reset = (path.rsplit("/", 1)[1] for path in links())
    assert client.post(f"/password/new/{join}", data={"password": NEW}).status_code == 404
    assert client.post(f"/join/{reset}", data={"name": "X", "password": NEW}).status_code == 404


def test_a_new_password_does_not_get_round_the_second_factor(
    client: FlaskClient, people: SimpleNamespace, links: Links, session: Session
) -> None:
    with db.transaction():
        people.andres.totp_since, people.andres.totp_sealed = datetime.now(UTC), "sealed"
    client.post("/password/forgotten", data={"email": "andres@example.org"})
    client.post(links()[0], data={"password": NEW})
    answer = client.post("/login", data={"email": "andres@example.org", "password": NEW})
    assert answer.location == "/login/code"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"signup": "domains", "signup_domains": ""}, "form"),
        ({"signup": "domains", "signup_domains": "not a domain!"}, "signup_domains"),
        ({"signup": "all"}, "signup"),
        ({"signup": "open", "signup_role": "admin"}, "signup_role"),
    ],
)
def test_how_people_join_is_set_by_admins_and_checked(
    people: SimpleNamespace, sign_in: SignIn, wrong: dict[str, str], field: str
) -> None:
    admin = sign_in(people.amihan)
    assert admin.post("/settings/access", data=wrong).status_code == 422
    good = {
        "signup": "domains",
        "signup_domains": "City.example, b.example",
        "signup_role": "agent",
    }
    assert admin.post("/settings/access", data=good).status_code == 303
    page = admin.get("/settings/access").text
    assert 'value="city.example b.example"' in page
