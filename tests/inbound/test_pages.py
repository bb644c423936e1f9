"""Incoming mail in the browser: who may, what they see, what they can do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.inbound.conftest import Take
from tests.inbound.mails import dsn, mail
from webapp.accounts.models import User
from webapp.core import db
from webapp.events.models import Event
from webapp.mail.models import InboundMail, MailBlock, Mailbox
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]


@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa"])
@pytest.mark.parametrize("address", ["/mail-in", "/settings/mail-in", "/mail-in/1/original"])
def test_only_who_runs_the_desk_sees_it(
    people: SimpleNamespace, sign_in: SignIn, name: str, address: str
) -> None:
    assert sign_in(getattr(people, name)).get(address).status_code in (403, 404)


def test_what_was_not_taken_says_why_and_becomes_a_ticket_by_a_click(
    people: SimpleNamespace, sign_in: SignIn, take: Take
) -> None:
    row = take(mail("<b>Sale</b>", list_id="<shop.example>", sender="Shop <x@shop.example>"))
    client = sign_in(people.amihan)
    page = client.get("/mail-in?state=ignored").text
    assert "List-Id" in page
    assert "Take it as a new ticket" in page
    assert client.post(f"/mail-in/{row.id}/take").status_code == 303
    ticket = db.session().scalars(select(Ticket)).one()
    assert ticket.reporter_email == "x@shop.example"
    assert ticket.ref in client.get("/mail-in").text
    client.post(f"/mail-in/{row.id}/take")
    assert len(db.session().scalars(select(Ticket)).all()) == 1, "a second click makes no second"


def test_a_failed_mail_is_tried_again(people: SimpleNamespace, sign_in: SignIn, take: Take) -> None:
    row = take(mail(list_id="<a.b>"))
    with db.transaction():
        db.session().get_one(InboundMail, row.id).state = "failed"
    client = sign_in(people.amihan)
    assert "Failed" in client.get("/mail-in").text
    client.post(f"/mail-in/{row.id}/again")
    db.session().rollback()
    assert db.session().get_one(InboundMail, row.id, populate_existing=True).state == "ignored"


def test_the_original_is_saved_never_shown(
    people: SimpleNamespace, sign_in: SignIn, take: Take
) -> None:
    raw = mail("<script>alert(1)</script>", content_type="text/html")
    row = take(raw)
    answer = sign_in(people.amihan).get(f"/mail-in/{row.id}/original")
    assert answer.data == raw
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_a_stopped_address_is_shown_and_lifted(
    people: SimpleNamespace, sign_in: SignIn, take: Take, lamp: SimpleNamespace
) -> None:
    take(dsn(about=lamp.our_id()))
    client = sign_in(people.amihan)
    page = client.get("/mail-in").text
    assert "ana@example.org" in page
    [block] = db.session().scalars(select(MailBlock))
    assert client.post(f"/mail-in/stops/{block.id}/lift").status_code == 303
    db.session().rollback()
    assert db.session().scalars(select(MailBlock)).all() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "no address"}, "address"),
        ({"port": "0"}, "port"),
        ({"closed_rule": "never"}, "closed_rule"),
        ({"folder": ""}, "folder"),
    ],
)
def test_what_makes_no_sense_comes_back_with_what_was_typed(
    people: SimpleNamespace, sign_in: SignIn, wrong: dict[str, str], field: str
) -> None:
    form = {
        "address": "desk@desk.example",
        "host": "mail.example",
        "port": "993",
        "folder": "INBOX",
    }
    answer = sign_in(people.amihan).post("/settings/mail-in", data={**form, **wrong})
    assert answer.status_code == 422
    assert "mail.example" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert db.session().scalars(select(Mailbox)).all() == []


def test_the_address_alone_can_be_set_for_the_pipe(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amihan)
    form = {
        "address": "desk@desk.example",
        "closed_rule": "within",
        "closed_days": "3",
        "password": "geheim 12345",
    }
    assert client.post("/settings/mail-in", data=form).status_code == 303
    box = db.session().scalars(select(Mailbox)).one()
    assert (box.closed_rule, box.closed_days, box.active) == ("within", 3, False)
    told = [str(event.data) for event in db.session().scalars(select(Event))]
    assert not any("geheim" in each for each in told)
