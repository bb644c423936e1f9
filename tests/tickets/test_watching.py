"""Watchers, colleagues named in notes, folded quotes, and the ticket on paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.tickets.make import ROSA, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.outbox.models import Delivery
from webapp.tickets import actions, queries
from webapp.tickets.composing.mentions import mentioned_in
from webapp.tickets.composing.quoting import split_quote

PEOPLE = {1: "Ana Cruz", 2: "Ana Cruz Reyes", 3: "Bo", 4: "Ana Cruz", 5: "–"}


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def mails(kind: str) -> list[str]:
    query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
    return [mail.payload["to_address"] for mail in db.session().scalars(query)]


def fresh(ticket):
    return queries.ticket_by_id(ticket.id)


def test_who_watches_is_mailed_what_the_assignee_is_mailed_once(desk, people, sign_in) -> None:
    ticket = make_ticket()
    for name in ("andres", "fina", "andres"):
        answer = sign_in(getattr(people, name)).post(f"/tickets/{ticket.ref}/watch")
        assert answer.status_code == 303
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert "Stop watching" in page
    with transaction():
        actions.assign(fresh(ticket), assignee=people.andres, actor=people.andres.actor)
        actions.respond(fresh(ticket), body="Any news?", actor=ROSA)
        actions.respond(fresh(ticket), body="Soon.", actor=people.andres.actor)
    assert sorted(mails("agent_response")) == ["andres@example.org", "fina@example.org"]
    desk.post(f"/tickets/{ticket.ref}/watch", data={"do": "unwatch"})
    told = [
        e.data["watches"] for e in history_of("ticket", ticket.id) if e.type == "ticket.watched"
    ]
    assert told == [True, True, False]
    assert all(e.internal for e in history_of("ticket", ticket.id) if e.type == "ticket.watched")


def test_who_may_no_longer_see_tickets_is_mailed_nothing(people) -> None:
    ticket = make_ticket()
    from webapp.accounts import actions as accounts

    with transaction():
        actions.watch(fresh(ticket), user=people.fina, actor=people.fina.actor)
    with transaction() as session:
        accounts.edit_user(session.merge(people.fina), role="field", actor=people.amihan.actor)
        actions.respond(fresh(ticket), body="Any news?", actor=ROSA)
    assert mails("agent_response") == []


def test_a_colleague_named_in_a_note_watches_and_is_mailed_it(desk, people) -> None:
    ticket = make_ticket()
    data = {"mode": "note", "body": "@Fina please look; @Nadia @Andres too. fina@example.org"}
    desk.post(f"/tickets/{ticket.ref}/respond", data=data)
    assert mails("agent_mention") == [
        "fina@example.org"
    ]  # Nadia may see no ticket, Andres wrote it
    assert [person.name for person in fresh(ticket).watchers] == ["Fina"]
    desk.post(f"/tickets/{ticket.ref}/respond", data={"body": "@Amihan works on it."})
    assert [person.name for person in fresh(ticket).watchers] == ["Fina"]  # an answer names nobody
    assert "Fina" in desk.get("/tickets/people").json
    public = desk.get(f"/follow/{ticket.follow_token}").get_data(as_text=True)
    assert "please look" not in public


@pytest.mark.parametrize(
    ("text", "meant"),
    [("@Bo", {3}), ("@bo, look", {3}), ("mail bo@bo.org", set()), ("@Bob", set()), ("@@Bo", set()),
     ("(@ana  cruz)", {1, 4}), ("@Ana Cruz Reyes", {2}), ("@Ana", set()), ("", set())],
)  # fmt: skip
def test_whom_a_note_names(text: str, meant: set[int]) -> None:
    assert mentioned_in(text, PEOPLE) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thanks!\n\nOn Mon, 3 May 2026, Desk <d@x> wrote:\n> Hello\n> there", "Thanks!"),
        ("Yes.\n> a\n> b", "Yes."),
        ("Yes.\n-----Original Message-----\nFrom: Desk\nHello", "Yes."),
        ("> a\n> b", "> a\n> b"),
        ("a\n> one line", "a\n> one line"),
        ("> a\n> b\nNo, that is wrong.", "> a\n> b\nNo, that is wrong."),
        ("On Monday I wrote:", "On Monday I wrote:"),
    ],
)
def test_what_was_said_and_what_was_quoted(text: str, said: str) -> None:
    assert split_quote(text)[0] == said


@given(st.text(alphabet=">ab \n", max_size=60))
def test_no_word_is_lost_by_folding(text: str) -> None:
    said, quoted = split_quote(text)
    assert "".join((said + quoted).split()) == "".join(text.split())


def test_a_quote_is_folded_on_the_page_and_whole_on_paper(desk) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(fresh(ticket), body="Thanks!\n> Earlier\n> <b>words</b>", actor=ROSA)
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert '<details class="quoted">' in page
    assert "&lt;b&gt;words" in page
    assert '<details class="quoted">' not in desk.get(f"/tickets/{ticket.ref}/print").get_data(
        as_text=True
    )


def test_paper_has_notes_only_where_that_is_asked_for(desk, people, sign_in) -> None:
    ticket = make_ticket()
    with transaction():
        actions.add_note(fresh(ticket), body="Do not tell.", actor=people.andres.actor)
    assert "Do not tell." not in desk.get(f"/tickets/{ticket.ref}/print").get_data(as_text=True)
    with_notes = desk.get(f"/tickets/{ticket.ref}/print?notes=1").get_data(as_text=True)
    assert "Do not tell." in with_notes
    assert "Do not give it to the reporter." in with_notes
    assert sign_in(people.felix).get(f"/tickets/{ticket.ref}/print").status_code == 403
