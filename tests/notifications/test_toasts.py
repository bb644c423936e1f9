"""What open pages say, to whom, and how often."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import time_machine

from tests.notifications.conftest import Left
from tests.tickets.make import MYNAGA, ROSA, make_pulled, make_ticket
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.notifications import preferring
from webapp.notifications.audience import STATUS_WORDS
from webapp.sync.events import SyncFailed
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES, URGENT

MATRIX = {kind: ["app"] for kind in ("new", "updated", "response", "mention", "assignment")}


def _fresh(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def topics(*people: object) -> tuple[str, ...]:
    return tuple(sorted(f"user:{person.id}" for person in people))  # type: ignore[attr-defined]


def test_a_new_ticket_is_told_to_staff(left: Left, people: SimpleNamespace) -> None:
    ticket = make_ticket()
    [toast] = left.toasts
    assert toast.topics == topics(people.amihan, people.andres, people.fina)
    assert (toast.kind, toast.text) == ("new", "New ticket created: Broken street light")
    assert (toast.url, toast.sound) == (f"/tickets/{ticket.ref}", False)


def test_a_status_and_a_response_reach_staff_and_the_reporters_page(
    left: Left, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    left.toasts.clear()
    with transaction():
        actions.change_status(_fresh(ticket), status="in_progress", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="On our way.", actor=people.andres.actor)
    others = topics(people.amihan, people.fina)  # Andres knows what he did
    page, follow = f"/tickets/{ticket.ref}", (f"follow:{ticket.id}",)
    assert {toast[:4] for toast in left.toasts if toast.topics != topics(people.rosa)} == {
        (others, "updated", f"Ticket {ticket.ref} is now In progress: Broken street light", page),
        (follow, "updated", "Your report is now: In progress", None),
        (others, "response", f"Andres responded to ticket {ticket.ref}: Broken street light", page),
        (follow, "response", "Andres responded to your report", None),
    }


def test_the_reporters_own_words_are_told_to_staff_only(
    left: Left, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    left.toasts.clear()
    with transaction():
        actions.respond(_fresh(ticket), body="Still dark.", actor=ROSA)
    [toast] = left.toasts
    assert (toast.topics, toast.kind) == (
        topics(people.amihan, people.andres, people.fina),
        "response",
    )


def test_a_note_is_told_to_whom_it_names_alone(left: Left, people: SimpleNamespace) -> None:
    ticket = make_ticket()
    left.toasts.clear()
    with transaction():
        actions.add_note(_fresh(ticket), body="CANARY", actor=people.andres.actor)
    assert left.toasts == []
    with transaction():
        actions.add_note(_fresh(ticket), body="CANARY @Fina", actor=people.andres.actor)
    [toast] = left.toasts
    assert (toast.topics, toast.kind) == (topics(people.fina), "mention")
    assert "CANARY" not in str(left)


def test_an_assignment_is_told_to_the_one_who_got_it_unless_they_took_it(
    left: Left, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    left.toasts.clear()
    with transaction():
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        actions.assign(_fresh(ticket), assignee=people.felix, actor=people.felix.actor)
    assert [(t.topics, t.kind) for t in left.toasts] == [(topics(people.andres), "assignment")]


def test_who_switched_a_kind_off_or_a_sound_on_gets_it_so(
    left: Left, people: SimpleNamespace
) -> None:
    with transaction():
        preferring.choose(people.andres, MATRIX | {"new": ["mail"]})
        preferring.choose(people.fina, MATRIX | {"new": ["app", "sound"]})
    make_ticket()
    assert [(t.topics, t.sound) for t in left.toasts] == [
        (topics(people.amihan), False),
        (topics(people.fina), True),
    ]


def test_an_urgent_ticket_is_heard_unless_that_is_off(left: Left, people: SimpleNamespace) -> None:
    with transaction():
        preferring.choose(people.fina, MATRIX, urgent_sound=False)
    ticket = make_ticket()
    with transaction():
        actions.set_priority(_fresh(ticket), URGENT, actor=people.andres.actor)
    left.toasts.clear()
    with transaction():
        actions.change_status(_fresh(ticket), status="in_progress", actor=people.andres.actor)
    staff = [t for t in left.toasts if t.url == f"/tickets/{ticket.ref}"]
    assert {(t.topics, t.sound) for t in staff} == {
        (topics(people.amihan), True),
        (topics(people.fina), False),
    }


def test_nothing_is_said_of_what_was_rolled_back(left: Left, people: SimpleNamespace) -> None:
    with suppress(ZeroDivisionError), transaction():
        make_ticket()
        1 / 0  # noqa: B018
    assert (left.toasts, left.signals) == ([], [])
    make_ticket()
    assert len(left.toasts) == 1


def test_a_page_of_pulled_tickets_is_three_toasts_and_a_figure(
    left: Left, people: SimpleNamespace
) -> None:
    make_pulled(15)
    assert [t.text for t in left.toasts] == ["New ticket created: Clogged drain"] * 3 + [
        "12 more new tickets from MyNaga demo"
    ]
    assert left.toasts[-1].url == "/tickets"


def test_the_next_page_moments_later_is_quiet_and_a_later_pull_is_not(
    left: Left, people: SimpleNamespace
) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        make_pulled(2)
        traveller.shift(timedelta(seconds=5))
        make_pulled(2, control_number="second")
        assert len(left.toasts) == 2
        make_ticket()
        assert len(left.toasts) == 3
        traveller.shift(timedelta(seconds=11))
        make_pulled(2, control_number="third")
        assert len(left.toasts) == 5


def test_a_pulled_status_always_reaches_its_reporters_page(
    left: Left, people: SimpleNamespace
) -> None:
    first, second = make_pulled(2)
    left.toasts.clear()
    for ticket in (first, second):
        with transaction():
            actions.change_status(_fresh(ticket), status="resolved", actor=MYNAGA)
    staff = topics(people.amihan, people.andres, people.fina)
    heard = [t.topics for t in left.toasts]
    assert heard.count(staff) == 1
    assert {(f"follow:{first.id}",), (f"follow:{second.id}",)} <= set(heard)


def test_trouble_is_told_to_admins(left: Left, people: SimpleNamespace) -> None:
    with transaction():
        fact = SyncFailed(
            subject_id=3, name="MyNaga demo", run_id=1, error_kind="dns", error="No such host."
        )
        record(fact, actor=SYSTEM)
    assert [toast[:4] for toast in left.toasts] == [
        (topics(people.amihan), "error", "MyNaga demo could not be read: No such host.", "/connections/3")
    ]  # fmt: skip


def test_each_status_has_a_word() -> None:
    assert set(STATUS_WORDS) == set(STATUSES)
