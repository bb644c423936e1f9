"""/tickets: the list."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import event

from tests.tickets.make import make_pulled, make_ticket
from webapp.core import clock, db


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


@pytest.fixture
def statements(app):
    seen: list[str] = []
    listen = lambda *a: seen.append(a[2]) if a[2].startswith(("SELECT", "WITH")) else None  # noqa: E731
    event.listen(db.db.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(db.db.engine, "before_cursor_execute", listen)


def test_the_newest_stands_on_top_with_its_row_id(desk) -> None:
    old, new = make_ticket(title="Old one"), make_ticket(title="New one")
    page = desk.get("/tickets").get_data(as_text=True)
    assert page.index(f'id="ticket-{new.id}-row"') < page.index(f'id="ticket-{old.id}-row"')


def test_it_takes_at_most_eight_queries_however_many_rows(desk, statements) -> None:
    make_pulled(60)
    desk.get("/tickets")
    statements.clear()
    assert desk.get("/tickets").status_code == 200
    # Two of them for the frame: are claims handled here, and what does the bell count?
    assert len(statements) <= 8, statements
    statements.clear()
    desk.get("/tickets/rows")
    assert len(statements) <= 5, statements


def test_an_unchanged_list_answers_with_nothing(desk) -> None:
    make_pulled(3)
    with time_machine.travel(clock.now(), tick=False):
        first = desk.get("/tickets/rows", headers={"Live-Region": "-"})
        known = {"Live-Region": first.headers["Live-Region"]}
        assert desk.get("/tickets/rows", headers=known).status_code == 204
        make_ticket()
        assert desk.get("/tickets/rows", headers=known).status_code == 200


def test_filters_and_position_stand_in_the_address(desk) -> None:
    make_pulled(60, category="Flooding & drains")
    make_ticket()
    page = desk.get("/tickets?category=Flooding+%26+drains&q=drain").get_data(as_text=True)
    assert "Broken street light" not in page
    assert "category=Flooding+%26+drains" in page
    assert "after=" in page
    assert 'value="drain"' in page


def test_unknown_filters_are_left_out(desk) -> None:
    ticket = make_ticket()
    page = desk.get("/tickets?status=nonsense&assignee=all&x=1").get_data(as_text=True)
    assert ticket.title in page


def test_an_empty_list_says_the_next_step(desk) -> None:
    assert "Nothing is waiting" in desk.get("/tickets").get_data(as_text=True)
    assert "Nothing fits" in desk.get("/tickets?q=zzz").get_data(as_text=True)
    assert "No ticket here" in desk.get("/tickets?status=closed").get_data(as_text=True)


@pytest.mark.parametrize("name", ["felix", "rosa", "nadia"])
def test_it_is_closed_to_who_may_not_see_tickets(people, sign_in, name) -> None:
    make_ticket()
    for path in ("/tickets", "/tickets/rows", "/tickets/new"):
        assert sign_in(getattr(people, name)).get(path).status_code == 403


def test_who_is_signed_out_is_asked_to_sign_in(client) -> None:
    answer = client.get("/tickets?status=closed")
    assert answer.status_code == 302
    assert "/login" in answer.location
