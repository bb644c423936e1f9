"""How many queries the pages of an agent's day take: never one a row, never more than twelve for a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.tickets.make import ROSA, make_pulled, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.tickets import actions

MOST = 12
MOST_DETAIL = 28  # of a ticket with all its parts and panels; 12 are wanted, and not reached


@contextmanager
def reads() -> Iterator[list[str]]:
    """The SELECTs of the block, those that begin with a WITH included."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)


@pytest.fixture
def desk(people, sign_in):
    client = sign_in(people.andres)
    for ticket in make_pulled(60, category="Flooding", description="A rare word: quetzal"):
        with transaction():
            actions.add_tags(ticket, ["Night shift"], actor=people.andres.actor)
            actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
    client.get("/tickets")
    return client


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=open&category=Flooding",
        "q=quetzal",
        'q=assignee:me+tag:"night+shift"+category:flood+source:mynaga+team:nobody',
        "assignee=me&tag=night+shift&source=connection:1&sort=due&overdue=1&problem=1",
        "sort=priority",
    ],
)
def test_a_list_takes_at_most_twelve(desk, query: str) -> None:
    with reads() as seen:
        assert desk.get(f"/tickets?{query}").status_code == 200
    assert len(seen) <= MOST, seen


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
    assert counts[1] <= MOST_DETAIL, seen
    assert counts[1] <= counts[0] + 1, counts
