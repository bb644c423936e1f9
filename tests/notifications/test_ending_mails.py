"""A notice that arrives by SMTP carries the way to end such notices, as a mail program uses it (RFC 8058)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import time_machine
from flask.testing import FlaskClient

from tests.fakes.catcher import Catcher
from tests.tickets.make import make_ticket
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.mail.models import Mailbox
from webapp.outbox import deliver
from webapp.targets import actions as reports
from webapp.targets.queries import report_mail_of
from webapp.tickets import actions
from webapp.tickets.models import Ticket


def test_one_post_of_the_mail_program_ends_the_mails_about_that_report(
    catcher: Catcher, people: SimpleNamespace, client: FlaskClient
) -> None:
    ticket = make_ticket()
    deliver.drain("mail")
    [received] = catcher.mails
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = received["List-Unsubscribe"].strip("<>")
    assert address.startswith("https://desk.example/unsubscribe/")
    for part in ("plain", "html"):
        body = received.get_body((part,))
        assert body is not None
        assert address in body.get_content()
    path = address.removeprefix("https://desk.example")
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with transaction():
        found = session().get_one(Ticket, ticket.id, populate_existing=True)
        actions.change_status(found, status="in_progress", actor=people.andres.actor)
    deliver.drain("mail")
    assert len(catcher.mails) == 1


def test_with_a_mailbox_answers_and_what_comes_back_go_to_it_by_a_secret_address(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    with transaction() as current:
        current.add(Mailbox(address="desk@naga.example"))
    make_ticket()
    deliver.drain("mail")
    [(sender, _recipients)] = catcher.envelopes
    [mail] = catcher.mails
    secret = mail["Message-ID"].removeprefix("<tulay.").partition("@")[0]
    assert sender == f"desk+{secret}@naga.example"
    assert mail["Reply-To"] == sender
    assert mail["From"].addresses[0].addr_spec == "desk@naga.example"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "You can simply answer this mail." in text.get_content()


def test_a_mailbox_of_another_domain_takes_no_returns(catcher: Catcher) -> None:
    with transaction() as current:
        current.add(Mailbox(address="desk@elsewhere.example"))
    make_ticket()
    deliver.drain("mail")
    assert catcher.envelopes[0][0] == "desk@naga.example"


def test_a_report_by_mail_leaves_and_is_ended_by_one_post(
    catcher: Catcher, people: SimpleNamespace, client: FlaskClient
) -> None:
    with transaction():
        reports.set_report_mail(people.andres, every="week", args={})
    with time_machine.travel(clock.now() + timedelta(days=8)):
        with transaction():
            assert reports.send_due_reports() == 1
        deliver.drain("mail")
    [mail] = catcher.mails
    assert mail["Precedence"] == "bulk"
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("https://desk.example")
    assert "the report that you asked for" in client.get(path).text
    page = client.post(path, data={"List-Unsubscribe": "One-Click"}).text
    assert "ask for them again on the page of reports" in page
    assert "Send them again" not in page
    assert report_mail_of(people.andres.id) is None
