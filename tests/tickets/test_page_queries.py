"""How many queries the pages of an agent's day take: never one a row, never more than twelve."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.tickets.make import ROSA, call_back_seconds, make_categories, make_pulled, make_ticket
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.tickets import actions
from webapp.tickets.models import Attachment

MOST = 12
MOST_LIST, MOST_LIST_NAMED, MOST_TICKET = 4, 8, 7  # named: what is asked for is looked up first
MOST_WITH_ALL = 12  # a ticket's page with everything that one can have
MOST_CREATE, MOST_ANSWER_AT_ONCE = 10, 12  # with all who are told of it
MOST_ANSWER_HELD = 5


@contextmanager
def reads() -> Iterator[list[str]]:
    """The statements of the block, besides those that only begin and end transactions and savepoints, or ask PostgreSQL
    for its plan, which reads no row and is kept for a minute."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.lstrip().startswith(("BEGIN", "SAVEPOINT", "RELEASE", "EXPLAIN")):
            seen.append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)


@pytest.fixture
def desk(people, sign_in):
    client = sign_in(people.andres)
    pulled = make_pulled(60, category="Flooding", description="A rare word: quetzal")
    with transaction():
        for ticket in pulled:
            actions.add_tags(ticket, ["Night shift"], actor=people.andres.actor)
            actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
    client.get("/tickets")
    return client


def test_a_list_takes_at_most_twelve(desk) -> None:
    for query in (
        "",
        "status=open&category=Flooding",
        "q=quetzal",
        'q=assignee:me+tag:"night+shift"+category:flood+source:mynaga+team:nobody',
        "assignee=me&tag=night+shift&source=connection:1&sort=due&overdue=1&problem=1",
        "sort=priority",
    ):
        with reads() as seen:
            assert desk.get(f"/tickets?{query}").status_code == 200
        most = MOST_LIST_NAMED if "me" in query or "q=" in query else MOST_LIST
        assert len(seen) <= most, (query, seen)


def test_views_and_filters_take_no_more_with_more_of_them(desk) -> None:
    for number in range(10):
        desk.post(f"/tickets/views?q=word{number}", data={"name": f"View {number}"})
    for path in ("/tickets/views", "/tickets/filters"):
        with reads() as seen:
            desk.get(path)
        assert len(seen) <= MOST, (path, seen)


def test_a_tickets_page_takes_as_many_however_long_its_thread(desk, people) -> None:
    short, long = make_ticket(), make_ticket()
    with transaction():
        for number in range(40):
            actions.respond(long, body=f"No. {number}", actor=ROSA)
    counts = []
    for ticket in (short, long):
        desk.get(f"/tickets/{ticket.ref}")
        with reads() as seen:
            desk.get(f"/tickets/{ticket.ref}")
        counts.append(len(seen))
    assert counts[1] <= MOST_TICKET, seen
    assert counts[1] == counts[0], counts


def test_a_tickets_page_takes_one_more_with_all_that_it_can_have(desk, people) -> None:
    ticket, merged, other = make_ticket(), make_ticket(), make_ticket()
    actor = people.andres.actor
    with transaction():
        actions.merge_ticket(merged, into=ticket, actor=actor)
        actions.relate(ticket, other, kind="blocks", actor=actor)
        actions.add_item(ticket, "Call the office", actor=actor)
        actions.watch(ticket, user=people.amihan, actor=actor)
        actions.add_tags(ticket, ["Night shift"], actor=actor)
        actions.add_note(ticket, body="A note", actor=actor)
        actions.hold_answer(ticket, user=people.andres, body="On its way", seconds=600)
        actions.keep_draft(ticket, user_id=people.andres.id, body="Begun")
        ticket.attachments.append(
            Attachment(
                name="lamp.png",
                content_type="image/png",
                remote_url="https://x.example/lamp.png",
                created_at=clock.now(),
            )
        )
    with reads() as seen:
        page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    for shown in (
        merged.ref,
        other.ref,
        "Call the office",
        "Amihan",
        "Night shift",
        "A note",
        "Begun",
        "lamp.png",
    ):
        assert shown in page, shown
    assert len(seen) <= MOST_WITH_ALL, seen


def test_a_new_ticket_takes_at_most_twelve_whoever_is_told(desk) -> None:
    make_categories("Flooding")
    call_back_seconds(15)  # so that the desk has its row, as from the first start on
    form = {"title": "Dark corner", "description": "The lamp is broken.", "category": "Flooding"}
    with reads() as seen:
        assert desk.post("/tickets/new", data=form).status_code == 303
    assert len(seen) <= MOST_CREATE, seen
    form |= {"email": "rosa@example.org", "name": "Rosa"}
    with reads() as seen:
        assert desk.post("/tickets/new", data=form).status_code == 303
    assert sum("INTO delivery" in each for each in seen) == 1
    assert len(seen) <= MOST, seen


def test_an_answer_that_is_held_takes_five(desk) -> None:
    ref = make_ticket().ref
    call_back_seconds(15)
    with reads() as seen:
        assert desk.post(f"/tickets/{ref}/respond", data={"body": "We do."}).status_code == 303
    assert len(seen) <= MOST_ANSWER_HELD, seen


def test_an_answer_that_leaves_at_once_takes_at_most_twelve_with_its_mail(desk) -> None:
    ref = make_ticket().ref
    call_back_seconds(0)
    with reads() as seen:
        assert desk.post(f"/tickets/{ref}/respond", data={"body": "We do."}).status_code == 303
    assert sum("INTO delivery" in each for each in seen) == 1
    assert len(seen) <= MOST_ANSWER_AT_ONCE, seen
