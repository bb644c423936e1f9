"""/tickets/<ref>: what staff see and do there, with htmx and without."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.tickets.make import MYNAGA, ROSA, call_back_seconds, make_pulled, make_ticket
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.events.record import record_many
from webapp.sync.events import PushParked, RecordPushed, UpstreamStateChanged
from webapp.tickets import actions, queries
from webapp.tickets.values import RemoteFile

HTMX = {"HX-Request": "true"}
XSS = '<img src=x onerror="alert(1)">'


@pytest.fixture
def desk(people, sign_in):
    call_back_seconds(0)
    return sign_in(people.andres)


def fresh(ticket):
    return queries.ticket_by_id(ticket.id)


def types(ticket) -> list[str]:
    return [event.type for event in history_of("ticket", ticket.id)]


def test_the_page_shows_report_answers_notes_and_history(desk, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(ticket, body="On our way.", actor=people.andres.actor)
        actions.add_note(ticket, body="No ladder.", actor=people.andres.actor)
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    for text in (ticket.title, ticket.description, "On our way.", "No ladder.", "Internal note",
                 "rosa@example.org", "+63 912 345 6789", "Tinago"):  # fmt: skip
        assert text in page
    assert 'message--note" id="bubble-note-' in page


def test_a_pulled_ticket_shows_where_it_came_from(desk) -> None:
    (ticket,) = make_pulled(
        source_url="https://naga.example/r/1", external_status="Acknowledged", lat=13.62, lng=123.19,
        attachments=(RemoteFile(url="https://naga.example/p.jpg"),),
    )  # fmt: skip
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    for text in ("MyNaga demo", "Acknowledged", "13.62000, 123.19000", "NAGA-0"):
        assert text in page
    assert 'href="https://naga.example/r/1" rel="noopener noreferrer"' in page
    assert 'href="https://naga.example/p.jpg" rel="noopener noreferrer nofollow"' in page
    assert '<img src="https://naga.example' not in page


@pytest.mark.parametrize("name", ["felix", "rosa", "nadia"])
def test_who_may_not_see_tickets_sees_none_of_it(app: Flask, people, sign_in, name) -> None:
    ticket = make_ticket()
    client = sign_in(getattr(people, name))
    for path in ("", "/part/conversation", "/part/history", "/files/1"):
        assert client.get(f"/tickets/{ticket.ref}{path}").status_code in (403, 404)
    assert (
        client.post(f"/tickets/{ticket.ref}/status", data={"status": "closed"}).status_code == 403
    )
    assert fresh(ticket).status == "open"


def test_who_may_only_look_has_no_forms_and_cannot_post(app: Flask, people, sign_in) -> None:
    ticket = make_ticket()
    client = sign_in(people.fina)
    page = client.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert ticket.title in page
    assert "composer-body" not in page
    for path, data in (("respond", {"body": "x"}), ("note", {"body": "x"}),
                       ("assign", {"assignee": 1}), ("status", {"status": "closed"})):  # fmt: skip
        assert client.post(f"/tickets/{ticket.ref}/{path}", data=data).status_code == 403
    assert types(ticket) == ["ticket.created"]


def test_an_unknown_ticket_is_not_found(desk) -> None:
    assert desk.get("/tickets/T-2026-999999").status_code == 404


def test_an_answer_with_a_status_does_both(desk) -> None:
    ticket = make_ticket()
    answer = desk.post(
        f"/tickets/{ticket.ref}/respond", data={"body": "Fixed.", "status": "resolved"}
    )
    assert answer.status_code == 303
    assert "is sent." in desk.get(answer.location).get_data(as_text=True)
    assert types(ticket)[1:] == ["ticket.responded", "ticket.status_changed"]
    assert fresh(ticket).status == "resolved"


def test_htmx_gets_the_changed_parts_and_an_empty_composer(desk) -> None:
    ticket = make_ticket()
    answer = desk.post(f"/tickets/{ticket.ref}/respond", data={"body": "Fixed."}, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'data-draft-sent="ticket-{ticket.id}"' in html
    for part in ("head", "conversation", "actions", "facts", "history", "composer"):
        assert f'hx-target="#ticket-{ticket.id}-{part}"' in html
    assert "Fixed." not in html.split(f'id="ticket-{ticket.id}-composer"')[1].split("</form>")[0]


def test_a_note_from_the_composer_stays_a_note(desk) -> None:
    ticket = make_ticket()
    data = {"mode": "note", "body": "No ladder.", "status": "closed"}
    desk.post(f"/tickets/{ticket.ref}/respond", data=data, headers=HTMX)
    assert types(ticket)[1:] == ["ticket.noted"]
    assert fresh(ticket).status == "open"


def test_an_empty_answer_is_named_and_the_status_is_not_changed(desk) -> None:
    ticket = make_ticket()
    answer = desk.post(
        f"/tickets/{ticket.ref}/respond", data={"body": "  ", "status": "closed"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "Write your answer first." in answer.get_data(as_text=True)
    assert fresh(ticket).status == "open"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_stale_status_is_shown_with_both_and_can_be_pressed_again(desk, people, headers) -> None:
    ticket = make_ticket()
    seen = {"seen_status": ticket.status, "version": ticket.version}
    with transaction():
        actions.change_status(ticket, status="in_progress", actor=people.amihan.actor)
    answer = desk.post(
        f"/tickets/{ticket.ref}/status", data={"status": "closed", **seen}, headers=headers
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == (422 if headers else 409)
    assert "from “Open” to “In progress”; you chose “Closed”" in html
    assert fresh(ticket).status == "in_progress"
    again = {"status": "closed", "seen_status": "in_progress", "version": fresh(ticket).version}
    desk.post(f"/tickets/{ticket.ref}/status", data=again)
    assert fresh(ticket).status == "closed"


def test_a_stale_answer_keeps_the_text_and_says_nothing_to_the_reporter(desk, people) -> None:
    ticket = make_ticket()
    seen = {"seen_status": ticket.status, "version": ticket.version}
    with transaction():
        actions.change_status(ticket, status="in_progress", actor=people.amihan.actor)
    data = {"body": "A long answer.", "status": "closed", **seen}
    answer = desk.post(f"/tickets/{ticket.ref}/respond", data=data, headers=HTMX)
    assert "A long answer." in answer.get_data(as_text=True)
    assert "ticket.responded" not in types(ticket)


def test_an_answer_alone_is_never_stale(desk, people) -> None:
    ticket = make_ticket()
    seen = {"seen_status": ticket.status, "version": ticket.version}
    with transaction():
        actions.change_status(ticket, status="in_progress", actor=people.amihan.actor)
    desk.post(f"/tickets/{ticket.ref}/respond", data={"body": "Hello.", **seen})
    assert types(ticket)[-1] == "ticket.responded"


def test_a_double_press_changes_once(desk) -> None:
    ticket = make_ticket()
    data = {"body": "Fixed.", "status": "resolved", "seen_status": "open",
            "version": ticket.version, "submission_key": "r" * 43}  # fmt: skip
    for _ in range(2):
        assert desk.post(f"/tickets/{ticket.ref}/respond", data=data).status_code == 303
    assert types(ticket)[1:] == ["ticket.responded", "ticket.status_changed"]


@pytest.mark.parametrize("wrong", ["", "done", "OPEN"])
def test_a_status_that_is_none_is_refused_in_words(desk, wrong) -> None:
    ticket = make_ticket()
    answer = desk.post(f"/tickets/{ticket.ref}/status", data={"status": wrong}, headers=HTMX)
    assert answer.status_code == 422
    assert fresh(ticket).status == "open"


def test_a_ticket_is_assigned_only_to_those_who_work_on_tickets(desk, people) -> None:
    ticket = make_ticket()
    desk.post(f"/tickets/{ticket.ref}/assign", data={"assignee": people.andres.id})
    assert fresh(ticket).assignee_id == people.andres.id
    for nobody in (people.fina.id, people.nadia.id, 999_999, -1, "9" * 40):
        answer = desk.post(f"/tickets/{ticket.ref}/assign", data={"assignee": nobody})
        assert answer.status_code in (404, 422)
    desk.post(f"/tickets/{ticket.ref}/assign", data={"assignee": ""})
    assert fresh(ticket).assignee_id is None


def test_whatever_people_write_is_shown_as_text(desk, people) -> None:
    ticket = make_ticket(title=XSS, description=XSS, place=XSS, name=XSS, barangay=XSS)
    with transaction():
        actions.respond(ticket, body=XSS, actor=ROSA)
        actions.add_note(ticket, body=XSS, actor=people.andres.actor)
        actions.update_from_upstream(ticket, values={"external_status": XSS}, actor=MYNAGA)
    for path in (f"/tickets/{ticket.ref}", "/tickets", f"/follow/{ticket.follow_token}"):
        page = desk.get(path).get_data(as_text=True)
        assert "&lt;img src=x" in page
        assert "<img src=x" not in page


def test_a_part_alone_is_one_element_that_refreshes_itself(desk) -> None:
    ticket = make_ticket()
    for part in ("head", "conversation", "actions", "facts", "history", "mail"):
        html = desk.get(f"/tickets/{ticket.ref}/part/{part}").get_data(as_text=True).strip()
        assert f'id="ticket-{ticket.id}-{part}"' in html.split(">")[0]
        assert "data-live-region" in html.split(">")[0]
    assert desk.get(f"/tickets/{ticket.ref}/part/composer").status_code == 404


def test_an_agent_takes_down_a_report_for_somebody(desk) -> None:
    assert desk.get("/tickets/new").status_code == 200
    data = {
        "title": "Noise",
        "description": "Karaoke at 3 a.m.",
        "name": "Liza",
        "email": "l@example.org",
    }
    answer = desk.post("/tickets/new", data=data)
    assert answer.status_code == 303
    page = desk.get(answer.location).get_data(as_text=True)
    assert "Karaoke at 3 a.m." in page
    again = desk.post("/tickets/new", data={**data, "title": ""})
    assert again.status_code == 422
    assert "Karaoke at 3 a.m." in again.get_data(as_text=True)


def test_the_page_says_what_was_mailed_and_what_waits(desk) -> None:
    ticket = make_ticket()
    page = desk.get(f"/tickets/{ticket.ref}/part/mail").get_data(as_text=True)
    assert "Waiting" in page or "Held" in page


def test_the_history_tells_both_sides(desk) -> None:
    (ticket,) = make_pulled()
    facts = [
        RecordPushed(subject_kind="ticket", subject_id=ticket.id, connection="MyNaga demo", values={"status": "resolved"},
                     delivery_id=1, how="sent"),
        PushParked(subject_kind="ticket", subject_id=ticket.id, connection="MyNaga demo", values={"refined_category": "Pothole"},
                         delivery_id=2, reason="It said no."),
        UpstreamStateChanged(subject_kind="ticket", subject_id=ticket.id, connection="MyNaga demo", state="withdrawn"),
    ]  # fmt: skip
    with transaction():
        record_many(facts, actor=MYNAGA)
        actions.update_from_upstream(ticket, values={"place": "Zone 9"}, actor=MYNAGA)
    html = desk.get(f"/tickets/{ticket.ref}/part/history").get_data(as_text=True)
    for words in (
        "Sent to MyNaga demo",
        "Pothole",
        "It said no.",
        "withdrew its report",
        "Zone 9",
        "Place",
    ):
        assert words in html
