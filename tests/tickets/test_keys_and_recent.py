"""Single keys can be switched off, and what a person looked at last is found again."""

from __future__ import annotations

import re

import pytest

from tests.tickets.make import make_ticket
from webapp.core import redis
from webapp.core.db import transaction
from webapp.tickets.lists import recent


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def titles(client) -> list[str]:
    page = client.get("/tickets/recent").get_data(as_text=True)
    return re.findall(r'class="truncate" dir="auto">([^<]+)<', page)


def test_keys_are_switched_off_and_on_per_person(desk, people, sign_in) -> None:
    page = desk.get("/tickets").get_data(as_text=True)
    assert "data-keys" in page
    assert 'id="keys"' in page
    answer = desk.post("/account/shortcuts", data={"shortcuts": "off"})
    assert answer.status_code == 303
    page = desk.get("/tickets").get_data(as_text=True)
    assert 'data-keys="off"' in page
    assert 'id="keys"' not in page
    assert 'data-keys="on"' in sign_in(people.amihan).get("/tickets").get_data(as_text=True)
    assert "Switch them on" in desk.get("/account").get_data(as_text=True)
    desk.post("/account/shortcuts", data={"shortcuts": "on"})
    assert 'data-keys="on"' in desk.get("/tickets").get_data(as_text=True)


def test_recently_viewed_tickets_stand_last_first_once_each(desk) -> None:
    made = [make_ticket(title=f"No. {n}") for n in range(3)]
    assert "Tickets that you open stand here." in desk.get("/tickets/recent").get_data(as_text=True)
    for number in (0, 1, 2, 0):
        desk.get(f"/tickets/{made[number].ref}")
    assert titles(desk) == ["No. 0", "No. 2", "No. 1"]


def test_they_are_the_persons_own_and_at_most_twelve(desk, people, sign_in) -> None:
    for number in range(recent.KEPT + 2):
        desk.get(f"/tickets/{make_ticket(title=f'No. {number}').ref}")
    assert len(titles(desk)) == recent.KEPT
    assert titles(sign_in(people.amihan)) == []


def test_what_is_gone_or_may_no_longer_be_seen_is_not_among_them(desk, people) -> None:
    kept, gone = make_ticket(title="Kept"), make_ticket(title="Gone")
    for ticket in (kept, gone):
        desk.get(f"/tickets/{ticket.ref}")
    with transaction() as session:
        session.delete(session.get(type(gone), gone.id))
    assert titles(desk) == ["Kept"]
    recent.looked_at(people.felix, kept)
    assert recent.tickets_of(people.felix) == []


def test_an_emptied_redis_begins_anew(desk) -> None:
    desk.get(f"/tickets/{make_ticket().ref}")
    redis.client().flushall()
    assert titles(desk) == []
