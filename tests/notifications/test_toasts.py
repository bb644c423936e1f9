"""What open pages say, to whom, and how often."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import time_machine

from tests.tickets.make import MYNAGA, ROSA, make_pulled, make_ticket
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.notifications.audience import STATUS_WORDS, Toast
from webapp.sync.events import SyncFailed
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES


def _fresh(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def test_a_new_ticket_is_told_to_staff(shown: list[Toast]) -> None:
    ticket = make_ticket()
    assert shown == [
        Toast("staff", "new", "New ticket created: Broken street light", f"/tickets/{ticket.ref}")
    ]


def test_a_status_and_a_response_reach_staff_and_the_reporters_page(
    shown: list[Toast], people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    shown.clear()
    with transaction():
        actions.change_status(_fresh(ticket), status="in_progress", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="On our way.", actor=people.andres.actor)
    page = f"/tickets/{ticket.ref}"
    assert shown == [
        Toast(
            "staff", "updated", f"Ticket {ticket.ref} is now In progress: Broken street light", page
        ),
        Toast(f"follow:{ticket.id}", "updated", "Your report is now: In progress"),
        Toast(
            "staff",
            "response",
            f"Andres responded to ticket {ticket.ref}: Broken street light",
            page,
        ),
        Toast(f"follow:{ticket.id}", "response", "Andres responded to your report"),
    ]


def test_the_reporters_own_words_are_told_to_staff_only(shown: list[Toast]) -> None:
    ticket = make_ticket()
    shown.clear()
    with transaction():
        actions.respond(_fresh(ticket), body="Still dark.", actor=ROSA)
    assert [(t.topic, t.kind) for t in shown] == [("staff", "response")]


def test_notes_are_told_to_nobody(shown: list[Toast], people: SimpleNamespace) -> None:
    ticket = make_ticket()
    shown.clear()
    with transaction():
        actions.add_note(_fresh(ticket), body="CANARY", actor=people.andres.actor)
    assert shown == []


def test_an_assignment_is_told_to_the_one_who_got_it_unless_they_took_it(
    shown: list[Toast], people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    shown.clear()
    with transaction():
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        actions.assign(_fresh(ticket), assignee=people.felix, actor=people.felix.actor)
    assert [t.topic for t in shown] == [f"user:{people.andres.id}"]


def test_nothing_is_said_of_what_was_rolled_back(shown: list[Toast]) -> None:
    with suppress(ZeroDivisionError), transaction():
        make_ticket()
        1 / 0  # noqa: B018
    assert shown == []
    make_ticket()
    assert len(shown) == 1


def test_a_page_of_pulled_tickets_is_three_toasts_and_a_figure(shown: list[Toast]) -> None:
    make_pulled(15)
    assert [t.text for t in shown] == ["New ticket created: Clogged drain"] * 3 + [
        "12 more new tickets from MyNaga demo"
    ]
    assert shown[-1].url == "/tickets"


def test_the_next_page_moments_later_is_quiet_and_a_later_pull_is_not(shown: list[Toast]) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        make_pulled(2)
        traveller.shift(timedelta(seconds=5))
        make_pulled(2, control_number="second")
        assert len(shown) == 2
        make_ticket()
        assert len(shown) == 3
        traveller.shift(timedelta(seconds=11))
        make_pulled(2, control_number="third")
        assert len(shown) == 5


def test_a_pulled_status_always_reaches_its_reporters_page(shown: list[Toast]) -> None:
    first, second = make_pulled(2)
    shown.clear()
    for ticket in (first, second):
        with transaction():
            actions.change_status(_fresh(ticket), status="resolved", actor=MYNAGA)
    assert [t.topic for t in shown] == ["staff", f"follow:{first.id}", f"follow:{second.id}"]


def test_trouble_is_told_to_admins(shown: list[Toast]) -> None:
    with transaction():
        fact = SyncFailed(
            subject_id=3, name="MyNaga demo", run_id=1, error_kind="dns", error="No such host."
        )
        record(fact, actor=SYSTEM)
    assert shown == [
        Toast("admin", "error", "MyNaga demo could not be read: No such host.", "/connections/3")
    ]


def test_each_status_has_a_word() -> None:
    assert set(STATUS_WORDS) == set(STATUSES)
