"""Who is mailed what about a ticket."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import time_machine
from sqlalchemy import select

from tests.fakes.catcher import Catcher
from tests.tickets.make import MYNAGA, ROSA, make_pulled, make_ticket
from webapp.accounts.models import User
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.models import Event
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.tickets import actions
from webapp.tickets.models import Ticket


def _fresh(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def _text(catcher: Catcher, index: int) -> str:
    part = catcher.mails[index].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _deliver() -> None:
    deliver.drain("mail")


def _queued() -> list[str]:
    return [d.kind for d in session().scalars(select(Delivery).order_by(Delivery.id))]


def test_a_reporter_gets_a_confirmation_with_a_link_to_follow(catcher: Catcher) -> None:
    ticket = make_ticket()
    _deliver()
    [mail] = catcher.mails
    assert catcher.envelopes[0][1] == ["rosa@example.org"]
    assert mail["Subject"] == f"[{ticket.ref}] Broken street light"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert f"https://desk.example/follow/{ticket.follow_token}" in _text(catcher, 0)


def test_status_and_response_reach_the_reporter_in_one_thread(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    with transaction():
        actions.change_status(_fresh(ticket), status="in_progress", actor=people.andres.actor)
        actions.respond(
            _fresh(ticket), body="A crew comes <b>today</b>.", actor=people.andres.actor
        )
    _deliver()
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        _deliver()
    confirmation, news = catcher.mails
    assert news["In-Reply-To"] == news["References"] == confirmation["Message-ID"]
    assert "It was: Open" in _text(catcher, 1)
    assert "It is now: In progress" in _text(catcher, 1)
    assert "Andres responded" in _text(catcher, 1)
    assert "A crew comes <b>today</b>." in _text(catcher, 1)
    assert {address for _, to in catcher.envelopes for address in to} == {"rosa@example.org"}


def test_no_mail_contains_a_note(catcher: Catcher, people: SimpleNamespace) -> None:
    ticket = make_ticket()
    with transaction():
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        actions.add_note(_fresh(ticket), body="CANARY: known complainer", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="Thank you.", actor=people.andres.actor)
        actions.add_note(_fresh(ticket), body="CANARY again", actor=people.andres.actor)
        actions.change_status(_fresh(ticket), status="resolved", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="It is dark again.", actor=ROSA)
    _deliver()
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        _deliver()
    assert len(catcher.mails) == 3
    assert b"CANARY" not in b"".join(catcher.raw)
    payloads = session().scalars(select(Delivery.payload)).all()
    assert "CANARY" not in str(payloads)


def test_what_the_reporter_writes_goes_to_the_assignee_alone(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(_fresh(ticket), body="Anybody there?", actor=ROSA)
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        actions.respond(_fresh(ticket), body="It is dark again.", actor=ROSA)
    _deliver()
    assert [to for _, to in catcher.envelopes] == [["rosa@example.org"], ["andres@example.org"]]
    assert "was assigned to you" in _text(catcher, 1)
    assert "It is dark again." in _text(catcher, 1), "it joined the mail that had not left"
    assert "Anybody there?" not in _text(catcher, 1)
    assert f"https://desk.example/tickets/{ticket.ref}" in _text(catcher, 1)
    assert "/follow/" not in _text(catcher, 1)


def test_an_assignee_who_has_left_is_not_mailed(catcher: Catcher, people: SimpleNamespace) -> None:
    ticket = make_ticket()
    with transaction() as session:
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        session.get_one(User, people.andres.id).active = False
        actions.respond(_fresh(ticket), body="It is dark again.", actor=ROSA)
    assert "dark again" not in str(session.scalars(select(Delivery.payload)).all())


def test_nobody_is_mailed_about_pulled_tickets_without_an_address(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    [ticket] = make_pulled()
    with transaction():
        actions.change_status(_fresh(ticket), status="resolved", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="Done.", actor=people.andres.actor)
    assert _queued() == []


def test_a_pulled_reporter_hears_of_us_only_what_we_did(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    [ticket] = make_pulled(reporter_email="maria@example.org")
    with transaction():
        actions.change_status(_fresh(ticket), status="in_progress", actor=MYNAGA)
    assert _queued() == []
    with transaction():
        actions.change_status(_fresh(ticket), status="resolved", actor=people.andres.actor)
    assert _queued() == ["reporter_status"]


def test_without_an_address_nothing_is_queued(catcher: Catcher) -> None:
    make_ticket(email="")
    assert _queued() == []


def test_the_mail_is_queued_with_its_fact_or_not_at_all(catcher: Catcher) -> None:
    ticket = make_ticket()
    [delivery] = session().scalars(select(Delivery))
    [event] = session().scalars(select(Event).where(Event.type == "ticket.created"))
    assert delivery.event_id == event.id
    assert (delivery.subject_kind, delivery.subject_id) == ("ticket", ticket.id)
    assert "rosa@example.org" not in delivery.summary + delivery.lane + delivery.kind
