"""Mail from the outbox to a real SMTP server."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.fakes.catcher import Catcher, catching
from webapp.core import clock, settings
from webapp.core.db import session, transaction
from webapp.mail import queries
from webapp.mail.actions import queue_mail
from webapp.outbox import deliver
from webapp.outbox.models import Delivery

VALUES = {
    "desk": "Naga City",
    "ref": "T-2026-000007",
    "title": "Baradong kanal",
    "name": "Rosa",
    "place": "Concepcion Pequeña",
    "url": "https://desk.example/follow/abc",
}


def _queue(
    to: str = "rosa@example.org",
    *,
    role: str = "reporter",
    template: str = "reporter_received",
    **more: str,
) -> Delivery:
    with transaction():
        return queue_mail(
            template,
            to_address=to,
            to_name="Rosa Dela Cruz",
            values=VALUES | more,
            subject=("ticket", 7),
            role=role,
            summary="Confirmation",
        )


def _status(**more: str) -> Delivery:
    return _queue(template="reporter_status", old_status="Open", new_status="In progress", **more)


def _again(delivery: Delivery) -> Delivery:
    session().expire_all()
    return session().get_one(Delivery, delivery.id)


def test_it_sends_text_and_html_with_its_stored_message_id(catcher: Catcher) -> None:
    delivery = _queue()
    deliver.drain("mail")
    [mail] = catcher.mails
    assert catcher.envelopes == [("desk@tulay.example", ["rosa@example.org"])]
    assert mail["To"] == "Rosa Dela Cruz <rosa@example.org>"
    assert mail["From"] == "Tulay Desk <desk@tulay.example>"
    assert mail["Subject"] == "[T-2026-000007] Baradong kanal"
    assert mail["Message-ID"] == queries.message_of(delivery).message_id
    assert mail["Message-ID"].endswith("@tulay.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
    assert mail["Reply-To"] is None
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "https://desk.example/follow/abc" in text
    assert 'href="https://desk.example/follow/abc"' in html
    assert "Concepcion Pequeña" in text
    assert "Concepcion Pequeña" in html
    delivery = _again(delivery)
    assert delivery.state == "sent"
    [attempt] = delivery.attempts
    assert (attempt.outcome, attempt.status, attempt.answer) == ("sent", 250, "OK queued as 1")


def test_mails_of_one_ticket_to_one_person_are_one_thread(catcher: Catcher) -> None:
    _queue(), _status(), _status()
    _queue("andres@example.org", role="user:4")
    deliver.drain("mail")
    mine = [mail for mail in catcher.mails if "rosa" in mail["To"]]
    first, second, third = (mail["Message-ID"] for mail in mine)
    assert [mail["In-Reply-To"] for mail in mine] == [None, first, second]
    assert [mail["References"] for mail in mine] == [None, first, f"{first} {second}"]
    [other] = [mail for mail in catcher.mails if "andres" in mail["To"]]
    assert other["References"] is None
    assert third not in (first, second)


def test_a_cancelled_mail_is_nobodys_reference(catcher: Catcher) -> None:
    catcher.answers["RCPT"] = "550 no"
    first = _queue()
    deliver.drain("mail")
    from webapp.events.types import SYSTEM
    from webapp.outbox import actions

    with transaction():
        actions.cancel(first.id, reason="wrong address", actor=SYSTEM)
    catcher.answers.clear()
    _status()
    deliver.drain("mail")
    assert [mail["References"] for mail in catcher.mails] == [None]


def test_without_a_mail_server_mail_waits_and_goes_out_by_itself_once_there_is_one(
    no_mail: Flask,
) -> None:
    with time_machine.travel(clock.now(), tick=True) as traveller:
        deliveries = [_queue(), _status()]
        deliver.drain("mail")
        waiting = [_again(delivery) for delivery in deliveries]
        assert [d.state for d in waiting] == ["held", "held"]
        assert "No mail server is set up" in waiting[0].reason
        assert [len(d.attempts) for d in waiting] == [0, 0]
        assert [d.attempt_count for d in waiting] == [0, 0]
        before = settings.current()
        with catching() as catcher:
            settings.install(
                before.model_copy(update={"mail_server": "127.0.0.1", "mail_port": catcher.port})
            )
            try:
                traveller.shift(timedelta(seconds=61))
                deliver.drain("mail")
            finally:
                settings.install(before)
        assert len(catcher.mails) == 2
        assert [_again(d).state for d in deliveries] == ["sent", "sent"]


def test_a_refused_recipient_is_parked_with_the_answer_and_without_the_address(
    catcher: Catcher,
) -> None:
    catcher.refused_recipients["rosa@example.org"] = "550 5.1.1 <rosa@example.org>: no such mailbox"
    delivery = _queue()
    other = _queue("andres@example.org", role="user:4")
    deliver.drain("mail")
    delivery = _again(delivery)
    assert delivery.state == "parked"
    assert "no such mailbox" in delivery.reason
    assert delivery.attempts[0].status == 550
    shown = (
        delivery.reason
        + delivery.attempts[0].answer
        + delivery.attempts[0].message
        + delivery.summary
    )
    assert "rosa@example.org" not in shown + str(delivery.attempts[0].request)
    assert _again(other).state == "sent"


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_temporary_refusal_is_tried_again(catcher: Catcher, step: str) -> None:
    catcher.answers[step] = "451 4.7.1 greylisted, come back"
    delivery = _queue()
    deliver.drain("mail")
    delivery = _again(delivery)
    assert (delivery.state, delivery.attempt_count) == ("retrying", 1)
    assert "greylisted" in delivery.reason
    assert not delivery.attempts[0].ambiguous
    catcher.answers.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        deliver.drain("mail")
    assert _again(delivery).state == "sent"


def test_a_lost_answer_is_ambiguous_and_is_sent_again_under_the_same_message_id(
    catcher: Catcher,
) -> None:
    catcher.drop_after_data = True
    delivery = _queue()
    deliver.drain("mail")
    delivery = _again(delivery)
    assert delivery.state == "retrying"
    assert delivery.attempts[0].ambiguous
    catcher.drop_after_data = False
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        deliver.drain("mail")
    first, second = catcher.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert _again(delivery).state == "sent"


def test_a_refused_sender_holds_all_mail_and_burns_no_attempt(catcher: Catcher) -> None:
    catcher.answers["MAIL"] = "553 5.7.1 sender not owned"
    deliveries = [_queue(), _queue("andres@example.org", role="user:4")]
    deliver.drain("mail")
    waiting = [_again(delivery) for delivery in deliveries]
    assert [(d.state, d.attempt_count) for d in waiting] == [("held", 0), ("held", 0)]
    assert "MAIL_DEFAULT_SENDER" in waiting[1].reason


def test_a_server_that_is_away_is_retried(no_mail: Flask) -> None:
    before = settings.current()
    settings.install(before.model_copy(update={"mail_server": "127.0.0.1", "mail_port": 1}))
    try:
        delivery = _queue()
        deliver.drain("mail")
    finally:
        settings.install(before)
    delivery = _again(delivery)
    assert (delivery.state, delivery.attempt_count) == ("retrying", 1)
    assert delivery.reason == "The connection to the mail server failed."


def test_an_address_that_cannot_be_one_is_parked_at_once(catcher: Catcher) -> None:
    delivery = _queue("rosa@example.org\r\nBcc: all@example.org")
    deliver.drain("mail")
    delivery = _again(delivery)
    assert delivery.state == "parked"
    assert "cannot be used" in delivery.reason
    assert catcher.mails == []
