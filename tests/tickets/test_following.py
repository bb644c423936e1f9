"""Similar reports are shown before one's own is sent; who follows one instead never learns whose it is."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.tickets.make import MYNAGA, REPORT, make_categories, make_ticket
from tests.tickets.test_reporting import send
from webapp.core import clock, db
from webapp.core import settings as core_settings
from webapp.core.db import transaction
from webapp.events.record import gathered
from webapp.outbox.models import Delivery
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.portal.models import Follower

NEW = {"name": "Nena", "email": "nena@example.org", "phone": ""}


@pytest.fixture
def theirs(app: Flask) -> Ticket:
    """Rosa's, with more in its title than a title should have."""
    make_categories("Street lights", "Flooding")
    return make_ticket(title="Broken street light, call Rosa 0912 345 6789 rosa@example.org")


@pytest.fixture
def mail_works(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    settings = core_settings.current()
    with_mail = settings.model_copy(update={"mail_server": "mail.example.org"})
    core_settings.install(with_mail)
    yield  # type: ignore[misc]
    core_settings.install(settings)


def count(model: Any) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def asked(client: FlaskClient) -> str:
    answer = send(client, title="Broken street light", **NEW)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def handle_in(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found.group(1)


def follow(client: FlaskClient, page: str, email: str = "nena@example.org") -> Any:
    data = {"ticket": handle_in(page), "follow_email": email}
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):  # after `send`
        return client.post("/report/follow", data=data)


def follower() -> Follower:
    return db.session().scalars(select(Follower)).one()


def mails() -> list[tuple[str, str]]:
    rows = db.session().scalars(select(Delivery).order_by(Delivery.id))
    return [(row.kind, row.payload["to_address"]) for row in rows]


def test_a_similar_report_is_shown_first_and_ones_own_can_be_sent_all_the_same(
    theirs: Ticket, client: FlaskClient
) -> None:
    page = asked(client)
    assert "Is it one of these?" in page
    assert "same barangay, same day" in page
    assert REPORT["description"] in page  # nothing typed is lost
    assert count(Ticket) == 1
    again = send(client, title="Broken street light", seen_alike="1", **NEW)
    assert again.status_code == 303
    assert count(Ticket) == 2


def test_what_is_different_is_taken_at_once(theirs: Ticket, client: FlaskClient) -> None:
    other = {"title": "Flood at the bridge", "description": "Water to the knees since noon."}
    assert send(client, category="Flooding", **other, **NEW).status_code == 303
    far = send(client, title="Broken street light", barangay="Abella", **NEW)
    assert far.status_code == 303


def test_a_finished_report_is_not_offered(
    theirs: Ticket, client: FlaskClient, people: SimpleNamespace
) -> None:
    with transaction() as session:
        row = session.get_one(Ticket, theirs.id)
        actions.change_status(row, status="closed", actor=people.andres.actor)
    assert send(client, title="Broken street light", **NEW).status_code == 303


def test_nothing_of_the_other_reporter_is_told(
    theirs: Ticket, client: FlaskClient, mail_works: None
) -> None:
    page = asked(client)
    follow(client, page)
    seen = page + client.get(f"/following/{follower().token}").get_data(as_text=True)
    [letter] = [d for d in db.session().scalars(select(Delivery)) if d.kind == "follower_confirm"]
    seen += str(letter.payload["values"])
    for secret in ("0912", "rosa@", "Dimaculangan", theirs.follow_token, "+63"):
        assert secret not in seen.replace(REPORT["description"], "")
    assert "Broken street light" in seen


def test_a_follower_confirms_from_the_mail_hears_of_the_status_and_can_stop(
    theirs: Ticket, client: FlaskClient, people: SimpleNamespace, mail_works: None
) -> None:
    assert follow(client, asked(client)).location == "/following"
    assert mails()[-1] == ("follower_confirm", "nena@example.org")

    def move(status: str) -> None:
        with transaction() as session:
            row = session.get_one(Ticket, theirs.id)
            actions.change_status(row, status=status, actor=people.andres.actor)

    move("in_progress")
    assert ("follower_status", "nena@example.org") not in mails()  # not confirmed yet
    address = f"/following/{follower().token}"
    client.get(address)  # a scanner of mail opens the link
    assert follower().confirmed_at is None
    client.post(address, data={"do": "confirm"})
    move("resolved")
    assert mails().count(("follower_status", "nena@example.org")) == 1
    assert "Resolved" in client.get(address).get_data(as_text=True)
    client.post(address, data={"do": "stop"})
    move("closed")
    assert mails().count(("follower_status", "nena@example.org")) == 1
    assert client.get(address).status_code == 404


def test_many_changes_at_once_are_told_to_each_follower(
    theirs: Ticket, client: FlaskClient, people: SimpleNamespace, mail_works: None
) -> None:
    follow(client, asked(client))
    client.post(f"/following/{follower().token}", data={"do": "confirm"})
    others = [make_ticket(title=f"Other {n}", barangay="Abella").id for n in range(3)]
    with transaction() as session, gathered():
        for number in (theirs.id, *others):
            row = session.get_one(Ticket, number)
            actions.change_status(row, status="resolved", actor=MYNAGA)
    assert mails().count(("follower_status", "nena@example.org")) == 1


def test_asked_twice_it_is_one_follower(
    theirs: Ticket, client: FlaskClient, mail_works: None
) -> None:
    page = asked(client)
    follow(client, page)
    follow(client, page)
    assert count(Follower) == 1


def test_a_handle_cannot_be_invented_and_an_address_must_be_one(
    theirs: Ticket, client: FlaskClient
) -> None:
    page = asked(client)
    assert follow(client, page, email="nobody").status_code == 422
    assert follow(client, page, email="").status_code == 422
    forged = client.post("/report/follow", data={"ticket": "1", "follow_email": "a@example.org"})
    assert forged.status_code == 422
    assert count(Follower) == 0
    assert client.get("/following/" + "x" * 43).status_code == 404


def test_without_mail_the_page_itself_is_given(theirs: Ticket, client: FlaskClient) -> None:
    answer = follow(client, asked(client))
    assert answer.location == f"/following/{follower().token}"
