"""What is told leaves sealed and signed, once per device, and whoever is gone is told nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import http_ece
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes.push_service import BrowserKeys, PushService
from tests.push.conftest import Allow, send, tell
from webapp.core import clock
from webapp.core.db import transaction
from webapp.notifications.stuck import stuck
from webapp.outbox.models import Delivery
from webapp.push.actions import queue_push
from webapp.push.endpoints import key_bytes
from webapp.push.models import PushDevice


def deliveries(session: Session) -> list[Delivery]:
    session.rollback()
    session.expire_all()
    ours = select(Delivery).where(Delivery.channel == "webpush").order_by(Delivery.id)
    return list(session.scalars(ours))


def test_a_device_opens_what_was_sealed_for_it_and_the_signature_is_the_desks(
    people: SimpleNamespace, allow: Allow, service: PushService, keys: BrowserKeys, session: Session
) -> None:
    browser = allow(people.andres)
    assert tell(people.andres) == 1
    send(service)
    [(path, headers, body)] = service.got
    assert keys.open(body) == {
        "title": "Ticket T-1", "body": "is yours", "url": "/tickets/T-1", "tag": "ticket:1",
    }  # fmt: skip
    assert b"Ticket" not in body
    ours = browser.get("/account/push/key").json["key"]
    assert (path, service.vapid_key_of(headers)) == ("a", ours)
    assert headers["content-encoding"] == "aes128gcm"
    assert 0 < int(headers["ttl"]) <= 12 * 3600
    assert len(headers["topic"]) <= 32
    [sent] = deliveries(session)
    assert (sent.state, sent.attempts[0].status) == ("sent", 201)
    assert session.scalars(select(PushDevice)).one().last_used_at is not None


def test_neither_key_nor_endpoint_stands_in_what_admins_see(
    people: SimpleNamespace, allow: Allow, service: PushService, sign_in: Any, session: Session
) -> None:
    allow(people.andres, "secret-path")
    tell(people.andres)
    send(service)
    [sent] = deliveries(session)
    pages = [f"/outbox/{sent.id}", "/outbox?channel=webpush"]
    shown = "".join(sign_in(people.amihan).get(page).text for page in pages)
    assert "Notification on a device" in shown
    assert f"127.0.0.1:{service.port}" in shown
    assert "secret-path" not in shown
    assert "vapid t=" not in shown


def test_each_device_is_told_and_nobody_elses(
    people: SimpleNamespace, allow: Allow, service: PushService
) -> None:
    allow(people.andres, "a")
    allow(people.andres, "b")
    allow(people.amihan, "c")
    assert tell(people.andres) == 2
    assert tell(people.felix) == 0
    send(service)
    assert sorted(path for path, _headers, _body in service.got) == ["a", "b"]


def test_of_what_waits_about_one_thing_only_the_newest_is_sent(
    people: SimpleNamespace, allow: Allow, service: PushService, keys: BrowserKeys, session: Session
) -> None:
    allow(people.andres)
    tell(people.andres, "first")
    tell(people.andres, "second")
    tell(people.andres, "another", tag="ticket:2")
    send(service)
    assert sorted(keys.open(body)["title"] for _, _, body in service.got) == ["another", "second"]
    assert [each.state for each in deliveries(session)] == ["superseded", "sent", "sent"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_dropped_and_nobody_has_to_decide(
    status: int, people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    service.answers["a"] = (status, {})
    tell(people.andres)
    tell(people.andres, tag="ticket:2")
    send(service)
    assert len(service.got) == 1, "what waited for it is given up, too"
    assert [each.state for each in deliveries(session)] == ["cancelled", "cancelled"]
    assert session.scalars(select(PushDevice)).all() == []
    assert tell(people.andres) == 0


def test_a_push_service_that_is_down_is_tried_again_as_it_asks(
    people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    service.answers["a"] = (429, {"Retry-After": "120"})
    tell(people.andres)
    send(service)
    [waits] = deliveries(session)
    assert waits.state == "retrying"
    assert waits.not_before >= clock.now() + timedelta(seconds=100)
    service.answers.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        send(service)
    assert [each.state for each in deliveries(session)] == ["sent"]


def test_a_refusal_is_kept_for_a_person_and_can_be_sent_again(
    people: SimpleNamespace, allow: Allow, service: PushService, sign_in: Any, session: Session
) -> None:
    allow(people.andres)
    service.answers["a"] = (413, {})
    tell(people.andres)
    tell(people.andres, tag="ticket:2")
    send(service)
    refused, second = deliveries(session)
    assert (refused.state, second.state) == ("parked", "parked")
    admin = sign_in(people.amihan)
    page = admin.get(f"/outbox/{refused.id}").text
    assert "Send again now" in page
    assert "Change and send" not in page
    assert admin.post(f"/outbox/{refused.id}/edit", data={"title": "x"}).status_code == 409
    service.answers.clear()
    admin.post(f"/outbox/{refused.id}/retry")
    send(service)
    assert [each.state for each in deliveries(session)] == ["sent", "parked"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_refuses_the_desk_holds_all_for_it_says_so_and_gives_up_by_itself(
    status: int, people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    service.answers["a"] = (status, {})
    tell(people.andres)
    tell(people.andres, tag="ticket:2")
    send(service)
    assert len(service.got) == 1
    held = deliveries(session)
    assert [(each.state, each.attempt_count) for each in held] == [("held", 0), ("held", 0)]
    assert "MAIL_DEFAULT_SENDER" in held[0].reason
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert [(part.name, len(part.lines)) for part in stuck()] == [("Devices", 1)]
    with time_machine.travel(clock.now() + timedelta(hours=13)):
        send(service)
    assert [each.state for each in deliveries(session)] == ["cancelled", "cancelled"]


def test_what_is_too_old_to_be_news_is_not_sent(
    people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    tell(people.andres)
    with time_machine.travel(clock.now() + timedelta(hours=13)):
        send(service)
    assert service.got == []
    assert [each.state for each in deliveries(session)] == ["cancelled"]


def test_nothing_is_sent_of_what_was_rolled_back(
    people: SimpleNamespace, allow: Allow, service: PushService, session: Session
) -> None:
    allow(people.andres)
    with pytest.raises(ZeroDivisionError), transaction():
        queue_push(people.andres.id, title="x", body="", url="/", tag="x")
        raise ZeroDivisionError
    send(service)
    assert (service.got, deliveries(session)) == ([], [])


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_a_notification_leads_into_the_desk_only(
    url: str, people: SimpleNamespace, allow: Callable[..., Any]
) -> None:
    allow(people.andres)
    with pytest.raises(ValueError, match="path of this desk"), transaction():
        queue_push(people.andres.id, title="x", body="", url=url, tag="x")


def test_what_seals_and_opens_here_is_what_browsers_speak() -> None:
    """The example of RFC 8291, section 5: the fake opens what others sealed, so it is a judge of what we seal."""
    number = int.from_bytes(
        key_bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", length=32), "big"
    )
    opened = http_ece.decrypt(
        base64.urlsafe_b64decode(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
            "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
            "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        ),
        private_key=ec.derive_private_key(number, ec.SECP256R1()),
        auth_secret=key_bytes("BTBZMqHH6r4Tts7J_aSIgg", length=16),
        version="aes128gcm",
    )
    assert opened == b"When I grow up, I want to be a watermelon"
