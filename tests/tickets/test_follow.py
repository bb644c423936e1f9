"""/follow/<token>: the reporter's side, on which nothing internal ever appears."""

from __future__ import annotations

import io
import random
import re

import pytest

from tests.tickets.make import make_ticket, photo
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.tickets import actions, queries
from webapp.tickets.attachments import store
from webapp.tickets.states import STATUSES


def follow(client, ticket, path="") -> str:
    return client.get(f"/follow/{ticket.follow_token}{path}").get_data(as_text=True)


def test_it_says_the_status_in_words_and_shows_what_happened(client, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(ticket, body="On our way.", actor=people.andres.actor)
        actions.change_status(ticket, status="in_progress", actor=people.andres.actor)
    page = follow(client, ticket)
    for text in (ticket.title, "On our way.", "Somebody is working on it.", "Status is now"):
        assert text in page


def test_a_wrong_token_finds_nothing(client) -> None:
    ticket = make_ticket()
    assert client.get("/follow/" + "x" * 43).status_code == 404
    assert client.get(f"/follow/{ticket.ref}").status_code == 404


def test_the_reporter_answers_with_a_photo(client) -> None:
    ticket = make_ticket()
    data = {"body": "Still dark.", "photos": [(io.BytesIO(photo()), "dark.jpg")]}
    answer = client.post(
        f"/follow/{ticket.follow_token}", data=data, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    page = follow(client, ticket)
    assert "Still dark." in page
    assert "size=thumb" in page
    last = history_of("ticket", ticket.id)[-1]
    assert (last.type, last.actor_name) == ("ticket.responded", "Rosa Dimaculangan")
    assert last.data["by_reporter"]


def test_a_wrong_answer_is_named_and_kept(client) -> None:
    ticket = make_ticket()
    empty = client.post(f"/follow/{ticket.follow_token}", data={"body": " "})
    assert empty.status_code == 422
    bad = {"body": "Look:", "photos": [(io.BytesIO(b"MZ"), "x.jpg")]}
    answer = client.post(
        f"/follow/{ticket.follow_token}", data=bad, content_type="multipart/form-data"
    )
    assert "is no photo" in answer.get_data(as_text=True)
    assert "Look:" in answer.get_data(as_text=True)


def test_a_reporter_cannot_change_the_status_or_leave_a_note(client) -> None:
    ticket = make_ticket()
    data = {"body": "x", "status": "closed", "mode": "note"}
    client.post(f"/follow/{ticket.follow_token}", data=data)
    assert queries.ticket_by_id(ticket.id).status == "open"
    assert history_of("ticket", ticket.id)[-1].type == "ticket.responded"


@pytest.mark.parametrize("seed", range(8))
def test_no_note_and_no_internal_fact_appears_whatever_happens(client, people, seed) -> None:
    ticket, rng = make_ticket(), random.Random(seed)
    andres = people.andres
    steps = [
        lambda: actions.add_note(ticket, body="SECRET-NOTE " * 3, actor=andres.actor),
        lambda: actions.assign(
            ticket, assignee=rng.choice([people.amihan, None]), actor=andres.actor
        ),
        lambda: actions.change_status(ticket, status=rng.choice(STATUSES), actor=andres.actor),
        lambda: actions.respond(ticket, body="Public words.", actor=andres.actor),
        lambda: actions.update_from_upstream(
            ticket, values={"external_status": f"SECRET-STATUS {rng.random()}"}, actor=andres.actor
        ),
    ]
    for _ in range(15):
        with transaction():
            rng.choice(steps)()
    for path in ("", "/part"):
        page = follow(client, ticket, path)
        assert "SECRET" not in page
        assert "Amihan" not in page
        assert "nternal note" not in page


def test_the_links_on_the_page_stay_on_the_reporters_side(client, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(
            ticket, body="See.", actor=people.andres.actor, attachments=[store("a.jpg", photo())]
        )
    page = follow(client, ticket)
    assert not re.findall(r'(?:href|src|action)="/tickets', page)
    (file,) = re.findall(r'href="(/follow/[^"]+/files/\d+)"', page)
    assert client.get(file).status_code == 200
