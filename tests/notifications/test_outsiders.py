"""Reporters and followers never get two mails about one ticket within five minutes; by a clock that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from sqlalchemy import select

from tests.fakes.catcher import Catcher
from tests.tickets.make import make_ticket
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.mail.models import InboundMail, MailMessage
from webapp.notifications.outsiders import together
from webapp.outbox import deliver
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.portal.models import Follower

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def andres(people: SimpleNamespace) -> SimpleNamespace:
    """`respond(ticket, …)` and `move(ticket, status)` as Andres, each a transaction of its own."""
    actor = people.andres.actor

    def fresh(ticket: Ticket) -> Ticket:
        return session().get_one(Ticket, ticket.id, populate_existing=True)

    def respond(ticket: Ticket, body: str) -> None:
        with transaction():
            actions.respond(fresh(ticket), body=body, actor=actor)

    def move(ticket: Ticket, status: str) -> None:
        with transaction():
            actions.change_status(fresh(ticket), status=status, actor=actor)

    return SimpleNamespace(respond=respond, move=move)


def tick(catcher: Catcher, to: str = "rosa@example.org") -> list[str]:
    """What is due leaves; the texts of all mails to this person so far."""
    deliver.drain("mail")
    mine = [n for n, (_, people) in enumerate(catcher.envelopes) if people == [to]]
    return [str(catcher.mails[n].get_body(("plain",)).get_content()) for n in mine]  # type: ignore[union-attr]


def test_an_answer_leaves_at_once_where_nothing_left_for_five_minutes(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = make_ticket()
    assert len(tick(catcher)) == 1
    travel.shift(5 * MINUTE)
    andres.respond(ticket, "A crew comes today.")
    assert len(tick(catcher)) == 2
    assert "A crew comes today." in tick(catcher)[1]
    assert catcher.mails[1]["Auto-Submitted"] is None


def test_what_follows_within_five_minutes_waits_and_leaves_as_one_mail(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = make_ticket()
    tick(catcher)
    travel.shift(10 * MINUTE)
    andres.move(ticket, "in_progress")
    assert "It is now: In progress" in tick(catcher)[1]
    travel.shift(MINUTE)
    andres.respond(ticket, "A crew comes today.")
    travel.shift(MINUTE)
    andres.move(ticket, "resolved")
    andres.respond(ticket, "It shines again.")
    travel.shift(2.5 * MINUTE)
    assert len(tick(catcher)) == 2
    travel.shift(0.5 * MINUTE)
    texts = tick(catcher)
    assert len(texts) == 3
    places = [texts[2].index(words) for words in
              ("A crew comes today.", "It was: In progress", "It is now: Resolved", "It shines again.")]  # fmt: skip
    assert places == sorted(places)
    assert f"/follow/{ticket.follow_token}" in texts[2]
    confirmation, status, news = catcher.mails
    assert news["In-Reply-To"] == status["Message-ID"]
    assert news["References"].split() == [confirmation["Message-ID"], status["Message-ID"]]
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in news["List-Unsubscribe"]
    assert news["Auto-Submitted"] is None, "a person's words are in it"
    travel.shift(4.9 * MINUTE)
    andres.move(ticket, "closed")
    assert len(tick(catcher)) == 3
    travel.shift(0.1 * MINUTE)
    assert len(tick(catcher)) == 4


def test_statuses_in_a_row_are_one_and_say_from_the_first_to_the_last(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = make_ticket()
    tick(catcher)
    andres.move(ticket, "in_progress")
    andres.move(ticket, "resolved")
    assert len(tick(catcher)) == 1, "the confirmation counts"
    travel.shift(5 * MINUTE)
    text = tick(catcher)[1]
    assert "It was: Open" in text
    assert "It is now: Resolved" in text
    assert "In progress" not in text
    assert catcher.mails[1]["Auto-Submitted"] == "auto-generated"


def test_another_ticket_of_the_same_person_waits_for_nothing(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    one, other = make_ticket(), make_ticket(title="Another lamp")
    tick(catcher)
    travel.shift(5 * MINUTE)
    andres.respond(one, "First.")
    tick(catcher)
    andres.respond(other, "Second.")
    assert "Second." in tick(catcher)[-1]


def test_what_the_reporter_wrote_while_it_waited_is_answered_by_it(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = make_ticket()
    tick(catcher)
    andres.move(ticket, "in_progress")
    travel.shift(MINUTE)
    with transaction() as now:
        thread = now.scalars(select(MailMessage.thread)).first()
        theirs = InboundMail(key="k", message_id="<theirs@example.org>", sender="rosa@example.org", state="taken",
                             thread=thread, storage_key="s", size=1, received_at=clock.now())  # fmt: skip
        now.add(theirs)
    travel.shift(MINUTE)
    andres.respond(ticket, "Thank you.")
    travel.shift(3 * MINUTE)
    tick(catcher)
    assert catcher.mails[1]["In-Reply-To"] == "<theirs@example.org>"
    assert catcher.mails[1]["References"].split()[-1] == "<theirs@example.org>"


def test_followers_get_one_status_as_well(
    catcher: Catcher, andres: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = make_ticket()
    with transaction() as now:
        now.add(Follower(ticket_id=ticket.id, email="flo@example.org", token="t" * 43,
                         created_at=clock.now(), confirmed_at=clock.now()))  # fmt: skip
    andres.move(ticket, "in_progress")
    assert len(tick(catcher, "flo@example.org")) == 1
    andres.move(ticket, "resolved")
    andres.move(ticket, "closed")
    assert len(tick(catcher, "flo@example.org")) == 1
    travel.shift(5 * MINUTE)
    assert "It is now: Closed" in tick(catcher, "flo@example.org")[1]


def test_only_statuses_in_a_row_become_one() -> None:
    status = {"template": "s", "old_status": "a", "new_status": "b"}
    answer = {"template": "r", "text": "t"}
    again = {"template": "s", "old_status": "b", "new_status": "c"}
    assert together([status, again]) == [{"template": "s", "old_status": "a", "new_status": "c"}]
    assert together([status, answer, again]) == [status, answer, again]
