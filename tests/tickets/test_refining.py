"""An agent says on a ticket's page more exactly what it is about."""

from __future__ import annotations

import pytest

from tests.tickets.make import make_pulled, make_ticket
from tests.tickets.test_ticket_page import HTMX, fresh, types
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.tickets import actions


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def _post(desk, ticket, words, headers=None, **seen):
    data = {"refined_category": words, **seen}
    return desk.post(f"/tickets/{ticket.ref}/refine", data=data, headers=headers or {})


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_is_kept_with_what_stood_there_before(desk, headers) -> None:
    ticket = make_ticket()
    answer = _post(desk, ticket, "  Wide   pothole ", headers)
    assert answer.status_code == (200 if headers else 303)
    assert fresh(ticket).refined_category == "Wide pothole"
    _post(desk, ticket, "Sinkhole")
    facts = [each for each in history_of("ticket", ticket.id) if each.type == "ticket.edited"]
    assert [each.data["changes"]["refined_category"] for each in facts] == [
        ["", "Wide pothole"],
        ["Wide pothole", "Sinkhole"],
    ]
    assert {each.actor_kind for each in facts} == {"user"}


def test_the_same_words_again_are_no_news(desk) -> None:
    ticket = make_ticket()
    _post(desk, ticket, "Pothole")
    before = types(ticket)
    _post(desk, ticket, " Pothole ")
    assert types(ticket) == before


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_stale_save_keeps_what_was_typed_and_shows_both(desk, people, headers) -> None:
    ticket = make_ticket()
    seen = {"seen": ticket.refined_category, "version": ticket.version}
    with transaction():
        actions.refine_category(ticket, refined="Sinkhole", actor=people.amihan.actor)

    answer = _post(desk, ticket, "Pothole", headers, **seen)

    html = answer.get_data(as_text=True)
    assert answer.status_code == (422 if headers else 409)
    assert "somebody else wrote “Sinkhole” here; you wrote “Pothole”" in html
    assert 'value="Pothole"' in html
    assert fresh(ticket).refined_category == "Sinkhole"
    _post(desk, ticket, "Pothole", seen="Sinkhole", version=fresh(ticket).version)
    assert fresh(ticket).refined_category == "Pothole"


def test_a_change_of_something_else_meanwhile_is_no_reason_to_ask_again(desk, people) -> None:
    ticket = make_ticket()
    seen = {"seen": ticket.refined_category, "version": ticket.version}
    with transaction():
        actions.change_status(ticket, status="in_progress", actor=people.amihan.actor)
    assert _post(desk, ticket, "Pothole", **seen).status_code == 303
    assert fresh(ticket).refined_category == "Pothole"


def test_what_is_too_long_is_named_and_kept_in_the_form(desk) -> None:
    ticket = make_ticket()
    answer = _post(desk, ticket, "x" * 201, HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "at most 200 fit" in html
    assert "x" * 201 in html
    assert fresh(ticket).refined_category == ""


def test_known_words_of_the_same_category_are_suggested(desk) -> None:
    here, other = make_pulled(2)
    with transaction():
        for ticket, words in ((here, "Pothole"), (other, "Clogged drain")):
            ticket.refined_category = words
        here.category, other.category = "Roads", "Flooding"
    html = desk.get(f"/tickets/{here.ref}/part/refined").get_data(as_text=True)
    assert '<option value="Pothole">' in html
    assert "Clogged drain" not in html


def test_a_stranger_cannot(client, desk) -> None:
    ticket = make_ticket()
    answer = client.post(f"/tickets/{ticket.ref}/refine", data={"refined_category": "x"})
    assert answer.status_code in (302, 303, 401)
    assert fresh(ticket).refined_category == ""
