"""Mail to people of the desk: when, how many, and what is in it; by a clock that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.fakes.catcher import Catcher
from tests.tickets.make import ROSA, make_pulled, make_ticket
from webapp.accounts.models import User
from webapp.core import db
from webapp.core.db import session, transaction
from webapp.notifications import preferring, summaries, wishes
from webapp.notifications.models import WaitingNews
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.tickets import actions
from webapp.tickets.models import Ticket

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday, 12:00 in Manila
MINUTE = timedelta(minutes=1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def _fresh(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def taken(person: User, **values: Any) -> Ticket:
    """A ticket that the person took, so that nobody mailed them about it yet."""
    ticket = make_ticket(**values)
    with transaction():
        actions.assign(_fresh(ticket), assignee=session().merge(person), actor=person.actor)
    return ticket


def write(ticket: Ticket, body: str) -> None:
    with transaction():
        actions.respond(_fresh(ticket), body=body, actor=ROSA)


def tick(catcher: Catcher, person: User) -> list[str]:
    """Everything that is due leaves; the texts of the mails to this person so far."""
    summaries.send_due()
    deliver.drain("mail")
    mine = [n for n, (_, to) in enumerate(catcher.envelopes) if to == [person.email]]
    return [str(catcher.mails[n].get_body(("plain",)).get_content()) for n in mine]  # type: ignore[union-attr]


def test_never_more_than_one_mail_about_a_ticket_within_five_minutes(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket, times = taken(people.andres), []
    sent = 0
    for n in range(40):  # one answer each half minute, for twenty minutes
        write(ticket, f"Answer {n}!")
        mails = tick(catcher, people.andres)
        times += [n * 30] * (len(mails) - sent)
        sent = len(mails)
        travel.shift(timedelta(seconds=30))
    travel.shift(5 * MINUTE)
    mails = tick(catcher, people.andres)
    assert times == [0, 300, 600, 900]
    assert len(mails) == 5
    told = "".join(mails)
    assert [n for n in range(40) if told.count(f"Answer {n}!") != 1] == []


def test_what_comes_before_the_first_has_left_joins_it(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = taken(people.andres)
    for n in range(3):
        write(ticket, f"Answer {n}!")
    [mail] = tick(catcher, people.andres)
    assert all(f"Answer {n}!" in mail for n in range(3))
    assert catcher.mails[-1]["Subject"] == f"Re: [{ticket.ref}] Broken street light"


def test_two_tickets_are_two_mails_and_two_people_do_not_wait_for_each_other(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    first, second = taken(people.andres), taken(people.andres, title="Another")
    with transaction():
        actions.watch(_fresh(first), user=session().merge(people.fina), actor=people.fina.actor)
    write(first, "One.")
    write(second, "Two.")
    assert len(tick(catcher, people.andres)) == 2
    assert len(tick(catcher, people.fina)) == 1


def test_a_mail_that_took_in_a_note_is_answered_inside(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = taken(people.andres)
    write(ticket, "Dark.")
    with transaction():
        actions.add_note(_fresh(ticket), body="@Andres mind him", actor=people.amihan.actor)
    [kind] = session().scalars(
        select(Delivery.kind).where(Delivery.lane == f"ticket:{ticket.id}:user:{people.andres.id}")
    )
    assert kind == "agent_mention"


def test_quiet_hours_end_with_one_summary_of_all_that_came(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    tickets = [taken(people.andres, title=f"Lamp {n}") for n in range(3)]
    with transaction():
        preferring.choose(
            people.andres,
            {"response": ["app", "mail"], "mention": ["mail"]},
            quiet=True, quiet_from=22 * 60, quiet_to=7 * 60,
        )  # fmt: skip
    travel.move_to(NOON + timedelta(hours=11))  # 23:00
    for hour in range(3):
        for n, ticket in enumerate(tickets):
            write(ticket, f"Answer {hour} on {n}")
        travel.shift(timedelta(hours=1))
        assert tick(catcher, people.andres) == []
    travel.move_to(NOON + timedelta(hours=18, minutes=59))  # 6:59
    assert tick(catcher, people.andres) == []
    travel.shift(MINUTE)
    [mail] = tick(catcher, people.andres)
    for n, ticket in enumerate(tickets):
        assert f"{ticket.ref} Lamp {n}" in mail.splitlines()
        assert mail.count(f"responded to ticket {ticket.ref}") == 3
    assert "Answer 0" not in mail, "words wait on the ticket's page"
    travel.shift(timedelta(hours=1))
    assert len(tick(catcher, people.andres)) == 1


@pytest.mark.parametrize(
    ("digest", "hours"), [("hourly", 1), ("daily", 20), ("weekly", 5 * 24 - 4)]
)
def test_a_digest_gathers_until_its_time(
    catcher: Catcher,
    people: SimpleNamespace,
    travel: time_machine.Traveller,
    digest: str,
    hours: int,
) -> None:
    ticket = taken(people.andres)
    with transaction():
        preferring.choose(people.andres, {"response": ["mail"]}, digest=digest)
    for n in range(3):
        write(ticket, f"Answer {n}")
        travel.shift(10 * MINUTE)
    travel.move_to(NOON + timedelta(hours=hours) - MINUTE)
    assert tick(catcher, people.andres) == []
    travel.shift(MINUTE)
    [mail] = tick(catcher, people.andres)
    assert mail.count("responded to ticket") == 3
    assert session().scalars(select(WaitingNews)).all() == []


def test_a_pull_is_one_mail_that_names_each_to_whom_wants_mails_of_new_tickets(
    catcher: Catcher, people: SimpleNamespace
) -> None:
    with transaction():
        preferring.choose(people.andres, {"new": ["app", "mail"]})
    make_pulled(9)
    [mail] = tick(catcher, people.andres)
    assert mail.count("New ticket created") == 9


def test_many_at_once_are_one_mail_and_about_none_of_them_a_second_one_follows_at_once(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    tickets = make_pulled(8)
    with transaction():
        for ticket in tickets:
            actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
    mails = tick(catcher, people.andres)
    assert len(mails) == 4, "three one by one, the others together"
    assert sum(mail.count("was assigned to you") for mail in mails) == 8
    travel.shift(MINUTE)
    with transaction():
        actions.add_note(_fresh(tickets[7]), body="@Andres look", actor=people.amihan.actor)
    assert len(tick(catcher, people.andres)) == 4
    travel.shift(4 * MINUTE)
    assert len(tick(catcher, people.andres)) == 5


def test_who_was_deactivated_meanwhile_gets_no_summary(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    ticket = taken(people.andres)
    with transaction():
        preferring.choose(people.andres, {"response": ["mail"]}, digest="hourly")
    write(ticket, "Answer")
    with transaction():
        session().get_one(User, people.andres.id).active = False
    travel.shift(timedelta(hours=1))
    assert tick(catcher, people.andres) == []
    assert session().scalars(select(WaitingNews)).all() == []


def test_a_tick_that_fails_loses_nothing_and_two_ticks_send_once(
    catcher: Catcher,
    people: SimpleNamespace,
    travel: time_machine.Traveller,
) -> None:
    ticket = taken(people.andres)
    with transaction():
        preferring.choose(people.andres, {"response": ["mail"]}, digest="hourly")
    write(ticket, "Answer")
    travel.shift(timedelta(hours=1))
    with pytest.raises(ZeroDivisionError), db.transaction():
        summaries.send_due()
        1 / 0  # noqa: B018
    summaries.send_due()
    assert len(tick(catcher, people.andres)) == 1


def test_the_link_in_a_mail_is_obeyed_by_the_next_one(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller, client: Any
) -> None:
    ticket, other = taken(people.andres), taken(people.andres, title="Another")
    write(ticket, "Read and ended.")
    tick(catcher, people.andres)
    _one_click(catcher, client)
    travel.shift(10 * MINUTE)
    write(ticket, "To nobody.")
    write(other, "To Andres.")
    assert "To Andres." in tick(catcher, people.andres)[-1]
    assert "To nobody." not in str(session().scalars(select(Delivery.payload)).all())


def test_the_link_in_a_summary_ends_all_mails_and_can_be_undone(
    catcher: Catcher, people: SimpleNamespace, travel: time_machine.Traveller, client: Any
) -> None:
    first, second = taken(people.andres), taken(people.andres, title="Another")
    with transaction():
        preferring.choose(people.andres, {"response": ["app", "mail"]}, digest="hourly")
    write(first, "One.")
    write(second, "Two.")
    travel.shift(timedelta(hours=1))
    assert len(tick(catcher, people.andres)) == 1
    path = _one_click(catcher, client)
    db.session().expire_all()
    wanted = wishes.known_of([people.andres], [])[people.andres.id].wishes.ways
    assert not any("mail" in found for found in wanted.values())
    assert "app" in wanted["response"]
    client.post(path, data={"do": "again"})
    db.session().expire_all()
    assert "mail" in wishes.known_of([people.andres], [])[people.andres.id].wishes.ways["mention"]


def _one_click(catcher: Catcher, client: Any) -> str:
    """What a mail program does with the newest mail."""
    mail = catcher.mails[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + mail["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    return path
