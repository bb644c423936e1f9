"""Where one is signed in, and signing out there from here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import ANY

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import PASSWORD
from webapp.accounts import tasks
from webapp.accounts.addresses import coarse_address
from webapp.accounts.agents import parts_of
from webapp.accounts.models import Device
from webapp.core import redis
from webapp.events.models import Event
from webapp.realtime import stream

SignIn = Callable[..., FlaskClient]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


def signed_in(app: Flask, agent: str = "") -> FlaskClient:
    client = app.test_client()
    data = {"email": "andres@example.org", "password": PASSWORD}
    assert client.post("/login", data=data, headers={"User-Agent": agent}).status_code == 303
    return client


def test_each_browser_and_program_is_a_device_with_its_name_and_network(
    app: Flask, client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    here = signed_in(app, "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
    signed_in(app, PHONE)
    client.post(
        "/api/auth/login",
        json={"email": "andres@example.org", "password": PASSWORD},
        headers={"User-Agent": "field-app/2.1"},
    )
    page = here.get("/account/devices").text
    for words in (
        "Firefox on Linux",
        "Chrome on Android",
        "field-app",
        "Local network",
        "This device",
    ):
        assert words in page
    assert page.count("a program, with tokens") == 1
    assert set(session.scalars(select(Device.network))) == {"127.0.0.0/24"}
    listed = here.get("/api/auth/devices").json["devices"]
    assert [each["current"] for each in listed].count(True) == 1
    assert {each["called"] for each in listed} == {"Firefox, Linux", "Chrome, Android", "field-app"}


def test_a_device_that_is_signed_out_from_another_is_refused_at_its_next_request(
    app: Flask, people: SimpleNamespace, session: Session
) -> None:
    here, lost, third = signed_in(app), signed_in(app, PHONE), signed_in(app)
    number = session.scalars(select(Device.id).where(Device.user_agent == PHONE)).one()
    assert lost.get("/account").status_code == 200
    assert here.post(f"/account/devices/{number}/end").status_code == 303
    assert lost.get("/account").status_code == 302
    assert lost.get("/live?topics=staff").status_code == 401
    assert third.get("/account").status_code == 200
    assert here.get("/account").status_code == 200
    assert people.andres.id in _ended_streams(), "live streams end, too"
    assert session.scalars(select(Event.data).where(Event.type == "user.device_ended")).all() == [
        {"device": "Chrome, Android", "browser": ANY}
    ]
    assert here.post(f"/account/devices/{number}/end").status_code == 404, "it is out already"


def test_all_others_are_signed_out_at_once_and_this_one_stays(
    app: Flask, client: FlaskClient, people: SimpleNamespace
) -> None:
    here, there = signed_in(app), signed_in(app)
    client.post("/api/auth/login", json={"email": "andres@example.org", "password": PASSWORD})
    page = here.post("/account/devices/end-others", follow_redirects=True)
    assert "2 devices are signed out" in page.text
    assert there.get("/account").status_code == 302
    assert client.get("/api/auth/me").status_code == 401
    assert here.get("/account").status_code == 200


def test_nobody_sees_or_ends_devices_of_others(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    signed_in(app, PHONE)
    number = session.scalars(select(Device.id)).one()
    amihan = sign_in(people.amihan)
    assert "Android" not in amihan.get("/account/devices").text
    assert amihan.post(f"/account/devices/{number}/end").status_code == 404
    assert amihan.delete(f"/api/auth/devices/{number}").status_code == 404


def test_a_program_ends_devices_by_the_api(
    app: Flask, client: FlaskClient, people: SimpleNamespace, session: Session
) -> None:
    lost = signed_in(app, PHONE)
    answer = client.post(
        "/api/auth/login", json={"email": "andres@example.org", "password": PASSWORD}
    )
    csrf = {"X-CSRFToken": answer.json["csrf_token"]}
    number = session.scalars(select(Device.id).where(Device.user_agent == PHONE)).one()
    assert client.delete(f"/api/auth/devices/{number}").status_code == 400
    assert client.delete(f"/api/auth/devices/{number}", headers=csrf).status_code == 204
    assert lost.get("/account").status_code == 302
    signed_in(app)
    assert client.delete("/api/auth/devices", headers=csrf).json == {"ended": 1}
    assert client.get("/api/auth/me").status_code == 200


def test_signing_out_ends_the_device_so_that_a_copy_of_its_cookie_is_worth_nothing(
    app: Flask, people: SimpleNamespace
) -> None:
    client = signed_in(app)
    cookie = client.get_cookie("tulay_session")
    assert cookie
    copy = app.test_client()
    copy.set_cookie("tulay_session", cookie.value)
    assert copy.get("/account").status_code == 200
    client.post("/logout")
    assert copy.get("/account").status_code == 302


def test_when_a_device_was_last_seen_is_written_every_five_minutes(
    app: Flask, people: SimpleNamespace, session: Session
) -> None:
    start = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        client = signed_in(app)
        clock.shift(timedelta(minutes=4))
        client.get("/account")
        assert session.scalars(select(Device.last_seen_at)).one() == start
        clock.shift(timedelta(minutes=1))
        client.get("/account")
        assert session.scalars(select(Device.last_seen_at)).one() == start + timedelta(minutes=5)


def test_a_device_that_is_away_for_thirty_days_is_signed_out_and_forgotten_later(
    app: Flask, people: SimpleNamespace, session: Session
) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 8, tzinfo=UTC), tick=False) as clock:
        client = app.test_client(user=people.andres)
        clock.shift(timedelta(days=13))
        assert client.get("/account").status_code == 200
        clock.shift(timedelta(days=31))
        assert client.get("/account").status_code == 302
        assert tasks.prune()["devices"] == 0
        clock.shift(timedelta(days=90))
        assert tasks.prune()["devices"] == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, ("Chrome", "Android")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", ("Edge", "Windows")),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
        ("Mozilla/5.0", ("", "")),
        ("<script>", ("", "")),
    ],
)
def test_a_user_agent_reads_as_people_call_it(agent: str, words: tuple[str, str]) -> None:
    assert parts_of(agent) == words


def test_of_an_address_only_the_network_is_kept() -> None:
    kept = [coarse_address(each) for each in ("203.0.113.77", "2001:db8:7:1::9", "rubbish", None)]
    assert kept == ["203.0.113.0/24", "2001:db8:7::/48", "", ""]


def _ended_streams() -> set[int]:
    return {entry.ends for entry in stream.newest(redis.client(), 50) if entry.ends}
