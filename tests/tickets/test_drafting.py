"""Drafts that follow their writer, answers that can be called back, and what came while somebody was writing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.tickets.make import ROSA, call_back_seconds, make_ticket, photo
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.outbox.models import Delivery
from webapp.tickets import actions, queries, tasks
from webapp.tickets.composing.models import Draft, Sending

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def mails(kind: str = "reporter_response") -> list[Delivery]:
    return list(db.session().scalars(select(Delivery).where(Delivery.kind == kind)))


def types(ticket) -> list[str]:
    return [event.type for event in history_of("ticket", ticket.id)]


def composer(html: str) -> str:
    return html.split('id="composer-body"')[1].split("</textarea>", maxsplit=1)[0].split("\n", 1)[1]


def send(desk, ticket, **data):
    return desk.post(
        f"/tickets/{ticket.ref}/respond", data={"body": "On our way.", **data}, headers=HTMX
    )


def only_sending() -> Sending:
    return db.session().scalars(select(Sending)).one()


# Drafts


def test_a_draft_survives_signing_out_and_is_its_writers_alone(people, sign_in, desk) -> None:
    ticket = make_ticket()
    kept = desk.post(f"/tickets/{ticket.ref}/draft", data={"body": "Dear Ro", "mode": "note"})
    assert kept.status_code == 204
    desk.post("/logout")
    again = sign_in(people.andres)
    assert composer(again.get(f"/tickets/{ticket.ref}").get_data(as_text=True)) == "Dear Ro"
    assert "Draft" in again.get("/tickets/rows").get_data(as_text=True)
    other = sign_in(people.amihan)
    assert composer(other.get(f"/tickets/{ticket.ref}").get_data(as_text=True)) == ""
    assert "Draft" not in other.get("/tickets/rows").get_data(as_text=True)
    public = desk.get(f"/follow/{ticket.follow_token}").get_data(as_text=True)
    assert "Dear Ro" not in public
    assert sign_in(people.fina).post(f"/tickets/{ticket.ref}/draft", data={}).status_code == 403


def test_an_emptied_draft_is_gone_and_a_sent_one_too_however_late_its_last_letters(desk) -> None:
    ticket, key = make_ticket(), "k" * 43
    call_back_seconds(0)
    save = lambda body: desk.post(  # noqa: E731
        f"/tickets/{ticket.ref}/draft", data={"body": body, "submission_key": key}
    )
    save("Hello")
    save("Hello, Ro")
    assert db.session().query(Draft).count() == 1
    save(" ")
    assert db.session().query(Draft).count() == 0
    save("Hello")
    send(desk, ticket, submission_key=key)
    assert db.session().query(Draft).count() == 0
    save("On our way")
    assert db.session().query(Draft).count() == 0


# Calling back


def test_an_answer_waits_and_nobody_outside_hears_of_it(desk) -> None:
    ticket = make_ticket()
    html = send(desk, ticket, status="resolved").get_data(as_text=True)
    assert "Being sent" in html
    assert "On our way." not in desk.get(f"/follow/{ticket.follow_token}").get_data(as_text=True)
    assert mails() == []
    assert queries.ticket_by_id(ticket.id).status == "open"
    tasks.tick()
    assert types(ticket) == ["ticket.created", "ticket.answer_held"]
    with time_machine.travel(clock.now() + timedelta(seconds=16)):
        tasks.tick()
        tasks.tick()
    assert types(ticket)[2:] == ["ticket.responded", "ticket.status_changed"]
    [mail] = mails("reporter_news")  # the answer and the status together
    assert "On our way." in str(mail.payload)
    assert "On our way." in desk.get(f"/follow/{ticket.follow_token}").get_data(as_text=True)


def test_undo_brings_text_status_and_files_back_and_nothing_ever_leaves(desk) -> None:
    ticket = make_ticket()
    with_photo = {"status": "resolved", "photos": [(__import__("io").BytesIO(photo()), "hole.jpg")]}
    desk.post(f"/tickets/{ticket.ref}/respond", data={"body": "On our way.", **with_photo})
    held = only_sending()
    answer = desk.post(
        f"/tickets/{ticket.ref}/sending/{held.id}",
        data={"do": "undo", "body": "And P.S."},
        headers=HTMX,
    )
    html = answer.get_data(as_text=True)
    assert composer(html) == "On our way.\n\nAnd P.S."
    assert '<option value="resolved" selected>' in html
    assert "Send hole.jpg" in html
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        tasks.tick()
    assert types(ticket)[1:] == ["ticket.answer_held", "ticket.answer_called_back"]
    assert mails() == []
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert composer(page) == "On our way.\n\nAnd P.S."


def test_only_its_author_can_call_it_back_and_not_once_it_has_left(desk, people, sign_in) -> None:
    ticket = make_ticket()
    send(desk, ticket)
    held = only_sending()
    path = f"/tickets/{ticket.ref}/sending/{held.id}"
    other = sign_in(people.amihan)
    assert "Undo" not in other.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    for do in ("undo", "now"):
        assert other.post(path, data={"do": do}).status_code == 409
    assert desk.post(path, data={"do": "now"}, headers=HTMX).status_code == 200
    assert desk.post(path, data={"do": "now"}, headers=HTMX).status_code == 200  # pressed twice
    assert desk.post(path, data={"do": "undo"}).status_code == 409
    assert types(ticket).count("ticket.responded") == 1
    assert len(mails()) == 1


def test_the_same_form_sent_twice_is_one_answer_also_after_it_has_left(desk) -> None:
    ticket, key = make_ticket(), "k" * 43
    for _ in range(2):
        assert send(desk, ticket, submission_key=key).status_code == 200
    tasks.release_answer(only_sending().id)  # not yet
    with time_machine.travel(clock.now() + timedelta(seconds=16)):
        tasks.tick()
        send(desk, ticket, submission_key=key)
        tasks.tick()
    assert types(ticket).count("ticket.responded") == 1


def test_a_status_goes_with_it_unless_somebody_moved_the_ticket_meanwhile(desk, people) -> None:
    ticket = make_ticket()
    send(desk, ticket, status="resolved")
    with transaction():
        actions.change_status(
            queries.ticket_by_id(ticket.id), status="for_rerouting", actor=people.amihan.actor
        )
    with time_machine.travel(clock.now() + timedelta(seconds=16)):
        tasks.tick()
    assert queries.ticket_by_id(ticket.id).status == "for_rerouting"
    assert "ticket.responded" in types(ticket)


def test_the_length_is_a_setting_and_0_sends_at_once(desk) -> None:
    ticket = make_ticket()
    call_back_seconds(0)
    send(desk, ticket)
    assert types(ticket) == ["ticket.created", "ticket.responded"]


# What came meanwhile


def test_what_came_while_typing_is_shown_the_text_is_kept_and_it_can_be_sent_anyway(desk) -> None:
    ticket = make_ticket()
    call_back_seconds(0)
    seen = {"seen_response_id": "0", "body": "A long answer."}
    with transaction():
        actions.respond(queries.ticket_by_id(ticket.id), body="It is solved, thanks!", actor=ROSA)
    plain = desk.post(f"/tickets/{ticket.ref}/respond", data=seen)
    assert plain.status_code == 409
    answer = send(desk, ticket, **seen)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422  # htmx takes a form back with 422 only
    assert "It is solved, thanks!" in html.split('id="came-since"')[1]
    assert composer(html) == "A long answer."
    assert "Send anyway" in html
    assert types(ticket).count("ticket.responded") == 1
    now_seen = re.search(r'name="seen_response_id" value="(\d+)"', html).group(1)
    assert send(desk, ticket, body="A long answer.", seen_response_id=now_seen).status_code == 200
    assert types(ticket).count("ticket.responded") == 2


def test_ones_own_answers_are_no_news(desk, people) -> None:
    ticket = make_ticket()
    call_back_seconds(0)
    for _ in range(2):
        assert send(desk, ticket, seen_response_id="0").status_code == 200


def test_a_draft_remembers_what_its_writer_had_seen(desk, people) -> None:
    ticket = make_ticket()
    desk.post(f"/tickets/{ticket.ref}/draft", data={"body": "Dear Rosa", "seen_response_id": "0"})
    with transaction():
        actions.respond(queries.ticket_by_id(ticket.id), body="Never mind.", actor=ROSA)
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert 'name="seen_response_id" value="0"' in page
