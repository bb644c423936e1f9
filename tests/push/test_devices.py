"""Devices come by consent and go with the session; a browser cannot make the desk call what it must not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.conftest import PASSWORD
from tests.fakes.push_service import BrowserKeys, PushService
from tests.push.conftest import Allow, auth_of, send, tell
from webapp.accounts import actions as accounts
from webapp.core import settings
from webapp.core.db import transaction
from webapp.core.errors import Misconfigured
from webapp.push import endpoints, keys
from webapp.push.models import PushDevice, PushKey

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def devices(session: Session) -> list[str]:
    session.rollback()
    session.expire_all()
    found = session.scalars(select(PushDevice).order_by(PushDevice.id))
    return [each.endpoint.rpartition("/")[2] for each in found]


def signed_in(app: Flask, person: Any) -> Any:
    """By the form, so that the session has a browser's name."""
    browser = app.test_client()
    browser.post("/login", data={"email": person.email, "password": PASSWORD})
    return browser


def test_the_page_names_the_device_and_when_it_was_used(
    people: SimpleNamespace, allow: Allow, service: PushService, app: Flask
) -> None:
    browser = signed_in(app, people.andres)
    browser.environ_base["HTTP_USER_AGENT"] = CHROME
    allow(people.andres, browser=browser)
    part = browser.get("/account/push").text
    assert "Chrome on Android" in part
    assert "This device" in part
    assert "not used yet" in part
    assert "Allow on this device" not in part
    tell(people.andres)
    send(service)
    assert "Last used" in browser.get("/account/push").text
    assert "Allow on this device" in signed_in(app, people.andres).get("/account/push").text


def test_a_test_goes_to_that_device_alone_and_removing_ends_it(
    people: SimpleNamespace, allow: Allow, service: PushService, keys: BrowserKeys, session: Session
) -> None:
    browser = allow(people.andres, "a")
    allow(people.andres, "b")
    first = session.scalars(select(PushDevice).order_by(PushDevice.id)).first()
    assert first is not None
    browser.post(f"/account/push/{first.id}/test")
    send(service)
    [(path, _headers, body)] = service.got
    assert (path, keys.open(body)["title"]) == ("a", "Notifications work")
    browser.post(f"/account/push/{first.id}/remove")
    assert devices(session) == ["b"]


def test_nobody_touches_somebody_elses_device(
    people: SimpleNamespace, allow: Allow, sign_in: Any, session: Session
) -> None:
    allow(people.andres)
    one = session.scalars(select(PushDevice)).one()
    other = sign_in(people.nadia)
    assert other.post(f"/account/push/{one.id}/remove").status_code == 404
    assert other.post(f"/account/push/{one.id}/test").status_code == 404
    assert devices(session) == ["a"]


def test_signing_out_ends_this_devices_notifications_only(
    people: SimpleNamespace, allow: Allow, app: Flask, session: Session
) -> None:
    here, there = signed_in(app, people.andres), signed_in(app, people.andres)
    allow(people.andres, "a", browser=here)
    allow(people.andres, "b", browser=there)
    here.post("/logout")
    assert devices(session) == ["b"]
    signed_in(app, people.andres).post("/account/sign-out-everywhere")
    assert devices(session) == []


def test_a_device_that_is_signed_out_from_another_is_told_nothing_more(
    people: SimpleNamespace, allow: Allow, app: Flask, session: Session
) -> None:
    here, there = signed_in(app, people.andres), signed_in(app, people.andres)
    allow(people.andres, "a", browser=here)
    allow(people.andres, "b", browser=there)
    here.post("/account/devices/end-others")
    assert devices(session) == ["a"]


def test_a_new_password_leaves_the_device_on_which_it_was_set(
    people: SimpleNamespace, allow: Allow, app: Flask, session: Session
) -> None:
    here = signed_in(app, people.andres)
    allow(people.andres, "a", browser=here)
    allow(people.andres, "b")
    new = {"current": PASSWORD, "password": "another horse battery"}
    assert here.post("/account/password", data=new).status_code == 303
    assert devices(session) == ["a"]


def test_whose_account_is_closed_is_told_nothing(
    people: SimpleNamespace, allow: Allow, session: Session
) -> None:
    allow(people.andres)
    with transaction():
        accounts.edit_user(people.andres, actor=people.amihan.actor, active=False)
    assert (tell(people.andres), devices(session)) == (0, [])


def test_a_browser_that_somebody_else_signs_in_on_is_theirs(
    people: SimpleNamespace, allow: Allow, app: Flask, session: Session
) -> None:
    shared = signed_in(app, people.andres)
    allow(people.andres, browser=shared)
    with shared.session_transaction() as kept:
        kept.pop("device")  # the session ran out, nobody signed out
    shared.post("/login", data={"email": people.fina.email, "password": PASSWORD})
    assert devices(session) == []


def test_one_endpoint_belongs_to_whoever_allowed_it_last(
    people: SimpleNamespace, allow: Allow, session: Session
) -> None:
    allow(people.andres)
    allow(people.fina)
    assert session.scalars(select(PushDevice.user_id)).all() == [people.fina.id]
    assert (tell(people.andres), tell(people.fina)) == (0, 1)


def test_a_changed_subscription_takes_the_place_of_the_old_one(
    people: SimpleNamespace, allow: Allow, service: PushService, keys: BrowserKeys, session: Session
) -> None:
    browser = allow(people.andres, "old")
    sent = {
        "endpoint": service.endpoint("new"), "replaces": service.endpoint("old"),
        "p256dh": keys.public, "auth": auth_of(keys),
        "key": browser.get("/account/push/key").json["key"],
    }  # fmt: skip
    browser.post("/account/push", data=sent)
    assert devices(session) == ["new"]


def test_a_person_has_ten_devices_at_most(
    people: SimpleNamespace, allow: Allow, session: Session
) -> None:
    for number in range(11):
        allow(people.andres, f"d{number}")
    assert devices(session) == [f"d{number}" for number in range(1, 11)]


@pytest.mark.parametrize(
    ("endpoint", "usable"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://web.push.apple.com:443/abc", True),
        ("https://[2606:4700::1111]/x", True),
        ("http://fcm.googleapis.com/abc", False),
        ("https://10.0.0.1/x", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1]/x", False),
        ("https://localhost/x", False),
        ("https://redis:6379/x", False),
        ("https://user@push.example.org/x", False),
        ("https://push.example.org/x#y", False),
        ("ftp://push.example.org/x", False),
        ("https://push.example.org:99999/x", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_may_be_a_push_service(endpoint: str, usable: bool) -> None:
    assert endpoints.is_usable(endpoint, allowed_nets=()) is usable


def test_an_allowed_network_may_hold_one_even_without_encryption() -> None:
    nets = ("127.0.0.0/8",)
    assert endpoints.is_usable("http://127.0.0.1:8000/x", allowed_nets=nets)
    assert not endpoints.is_usable("http://10.0.0.1/x", allowed_nets=nets)
    assert not endpoints.is_usable("http://push.example.org/x", allowed_nets=nets)


def test_what_was_allowed_once_is_not_called_when_it_no_longer_is(
    people: SimpleNamespace, allow: Allow, service: PushService, app: Flask
) -> None:
    allow(people.andres)
    tell(people.andres)
    before = settings.current()
    settings.install(before.model_copy(update={"sync_allowed_nets": ()}))
    try:
        send(service)
    finally:
        settings.install(before)
    assert service.got == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://localhost/x"},
        {"p256dh": "AAAA"},
        {"p256dh": "B" + "A" * 86},
        {"auth": "AAAA"},
        {"auth": "ä" * 22},
    ],
)
def test_what_no_browser_sends_is_refused(
    wrong: dict[str, str],
    people: SimpleNamespace,
    sign_in: Any,
    keys: BrowserKeys,
    session: Session,
) -> None:
    browser = sign_in(people.andres)
    sent = {
        "endpoint": "https://push.example.org/x", "p256dh": keys.public, "auth": auth_of(keys),
        "key": browser.get("/account/push/key").json["key"],
    }  # fmt: skip
    assert browser.post("/account/push", data=sent | wrong).status_code == 422
    assert browser.post("/account/push", data=sent | {"key": "other"}).status_code == 409
    assert devices(session) == []


def test_the_desks_key_is_made_once_sealed_and_follows_the_ring(
    app: Flask, session: Session
) -> None:
    with transaction():
        made = keys.pair()
    with transaction():
        assert keys.pair() == made
    [stored] = session.execute(text("SELECT sealed FROM push_key")).scalars().all()
    assert made.private not in stored
    before = settings.current()
    ring = (SecretStr(Fernet.generate_key().decode()), *before.tulay_secret_keys)
    settings.install(before.model_copy(update={"tulay_secret_keys": ring}))
    try:
        done = app.test_cli_runner().invoke(args=["rotate-keys"])
        assert done.exit_code == 0, done.output
        session.expire_all()
        assert session.scalars(select(PushKey.sealed)).one() != stored
        with transaction():
            assert keys.pair() == made
    finally:
        settings.install(before)


def test_a_key_from_the_environment_counts_and_devices_of_another_are_not_told(
    people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    tell(people.andres)
    before = settings.current()
    given = SecretStr(endpoints.key_text((12345).to_bytes(32, "big")))
    settings.install(before.model_copy(update={"vapid_private_key": given}))
    try:
        with transaction():
            assert keys.pair().private == given.get_secret_value()
        send(service)
        assert service.got == []
        allow(people.andres)  # the page does so with the new key
        tell(people.andres)
        send(service)
    finally:
        settings.install(before)
    assert len(service.got) == 1


def test_the_service_worker_stands_at_the_root_and_is_looked_at_anew(app: Flask) -> None:
    answer = app.test_client().get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '"/static/bundles/worker.js?v=' in answer.text


def test_a_number_that_is_no_key_is_named(app: Flask) -> None:
    before = settings.current()
    zeros = SecretStr(endpoints.key_text(bytes(32)))
    settings.install(before.model_copy(update={"vapid_private_key": zeros}))
    try:
        with pytest.raises(Misconfigured, match="VAPID_PRIVATE_KEY"), transaction():
            keys.pair()
    finally:
        settings.install(before)
