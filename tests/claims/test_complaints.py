"""T13: a ticket tied to a bulletin, from either page; what becomes of it stands in the bulletin's history."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.claims import make
from tests.tickets import make as tickets
from webapp.claims.actions import edit_claim_settings, tie_complaint, untie_complaint
from webapp.claims.forms import ClaimSettingsForm
from webapp.claims.models import Bulletin, Complaint
from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("people")
HTMX = {"HX-Request": "true"}
NEW = {
    "title": "Nobody answers",
    "description": "I wait since October.",
    "submission_key": "k" * 20,
}


@pytest.fixture
def bulletin() -> Bulletin:
    return make.make_bulletin(number="BS-2026/0007")


@pytest.fixture
def ticket() -> Ticket:
    return tickets.make_ticket()


def events(kind: str) -> list[Event]:
    return list(db.session().scalars(select(Event).where(Event.type == kind).order_by(Event.id)))


def tie(ticket: Ticket, bulletin: Bulletin) -> None:
    with db.transaction() as session:
        rows = session.get_one(Ticket, ticket.id), session.get_one(Bulletin, bulletin.id)
        tie_complaint(*rows, actor=make.person("Andres"))


def tied(ticket: Ticket) -> int | None:
    return db.session().scalar(
        select(Complaint.bulletin_id).where(Complaint.ticket_id == ticket.id)
    )


def test_a_complaint_told_on_the_bulletins_page_becomes_a_ticket_in_the_members_name(
    andres: FlaskClient, bulletin: Bulletin
) -> None:
    answer = andres.post(f"/claims/bulletins/{bulletin.id}/complaints", data=NEW, headers=HTMX)
    assert answer.status_code == 200
    made = db.session().scalars(select(Ticket)).one()
    assert (made.title, made.category, made.reporter_name) == (
        "Nobody answers",
        "Complaint",
        "Ben Salah Amira",
    )
    assert made.ref in answer.text
    assert tied(made) == bulletin.id
    [fact] = events("bulletin.complaint_tied")
    assert (fact.subject_id, fact.data["ticket"], fact.actor_name) == (
        bulletin.id,
        made.ref,
        "Andres",
    )


def test_sent_twice_it_is_one_ticket_tied_once(andres: FlaskClient, bulletin: Bulletin) -> None:
    for _ in range(2):
        address = f"/claims/bulletins/{bulletin.id}/complaints"
        assert andres.post(address, data=NEW).status_code == 303
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 1
    assert len(events("bulletin.complaint_tied")) == 1


def test_a_complaint_without_words_is_asked_again_with_what_was_typed(
    andres: FlaskClient, bulletin: Bulletin
) -> None:
    address = f"/claims/bulletins/{bulletin.id}/complaints"
    answer = andres.post(address, data={**NEW, "description": " "}, headers=HTMX)
    assert answer.status_code == 422
    assert "Nobody answers" in answer.text
    assert "Please fill this in." in answer.text
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 0


def test_a_ticket_that_is_here_is_tied_by_its_ref_in_any_case_of_letters(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    address = f"/claims/bulletins/{bulletin.id}/complaints/tie"
    answer = andres.post(address, data={"ref": f" {ticket.ref.lower()} "}, headers=HTMX)
    assert answer.status_code == 200
    assert ticket.ref in answer.text
    assert tied(ticket) == bulletin.id
    assert andres.post(address, data={"ref": ticket.ref}).status_code == 303
    assert len(events("bulletin.complaint_tied")) == 1
    wrong = andres.post(address, data={"ref": "T-1-1"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "T-1-1" in wrong.text
    assert "no such ticket" in wrong.text


def test_from_the_tickets_page_by_the_number_however_it_is_written(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    page = andres.get(f"/tickets/{ticket.ref}").text
    assert f"/claims/complaints/{ticket.id}" in page
    assert "Bulletin number" in andres.get(f"/claims/complaints/{ticket.id}").text
    found = andres.get(f"/claims/complaints/{ticket.id}/matches?number=bs2026 00")
    assert "BS-2026/0007" in found.text
    address = f"/claims/complaints/{ticket.id}/tie"
    answer = andres.post(address, data={"number": "bs 2026-0007"}, headers=HTMX)
    assert answer.status_code == 200
    assert f"/claims/bulletins/{bulletin.id}" in answer.text
    assert tied(ticket) == bulletin.id
    assert ticket.ref in andres.get(f"/claims/bulletins/{bulletin.id}/complaints").text


def test_a_number_that_two_bulletins_have_is_for_the_person_to_choose(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    other = make.make_bulletin(number="BS-2026-0007", member_name="Trabelsi")
    address = f"/claims/complaints/{ticket.id}/tie"
    answer = andres.post(address, data={"number": "BS-2026-0007"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose one of them" in answer.text
    assert "Trabelsi" in answer.text
    assert tied(ticket) is None
    assert andres.post(address, data={"bulletin_id": other.id}).status_code == 303
    assert tied(ticket) == other.id


def test_what_does_not_exist_is_said_and_nothing_is_tied(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    address = f"/claims/complaints/{ticket.id}/tie"
    for typed in ({"bulletin_id": 999_999}, {"number": "BS-404"}, {"number": ""}):
        answer = andres.post(address, data=typed, headers=HTMX)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert andres.post(address, data={"number": "BS-404"}).status_code == 404
    assert andres.post("/claims/complaints/999999/tie", data={"number": "BS-1"}).status_code == 404
    assert andres.post("/claims/bulletins/999999/complaints", data=NEW).status_code == 404
    assert tied(ticket) is None
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 1


def test_a_ticket_is_about_one_bulletin(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    tie(ticket, bulletin)
    other = make.make_bulletin()
    answer = andres.post(
        f"/claims/bulletins/{other.id}/complaints/tie", data={"ref": ticket.ref}, headers=HTMX
    )
    assert answer.status_code == 422
    assert f"{ticket.ref} is about the bulletin BS-2026/0007" in answer.text
    assert tied(ticket) == bulletin.id


def test_it_is_untied_from_either_page(
    andres: FlaskClient, bulletin: Bulletin, ticket: Ticket
) -> None:
    tie(ticket, bulletin)
    other = make.make_bulletin()
    wrong = f"/claims/bulletins/{other.id}/complaints/{ticket.id}/untie"
    assert andres.post(wrong, headers=HTMX).status_code == 200
    assert tied(ticket) == bulletin.id  # it was not that one's
    assert andres.post(f"/claims/complaints/{ticket.id}/untie", headers=HTMX).status_code == 200
    assert tied(ticket) is None
    tie(ticket, bulletin)
    right = f"/claims/bulletins/{bulletin.id}/complaints/{ticket.id}/untie"
    assert andres.post(right).status_code == 303
    assert tied(ticket) is None
    assert [fact.data["tied"] for fact in events("bulletin.complaint_tied")] == [
        True,
        False,
        True,
        False,
    ]


def test_what_becomes_of_the_ticket_stands_in_the_bulletins_history(
    bulletin: Bulletin, ticket: Ticket
) -> None:
    untouched = tickets.make_ticket()
    tie(ticket, bulletin)
    with db.transaction() as session:
        for each in (ticket, untouched):
            row = session.get_one(Ticket, each.id)
            change_status(row, status="in_progress", actor=make.person("Andres"))
    [moved] = events("bulletin.complaint_moved")
    assert (moved.subject_id, moved.actor_name) == (bulletin.id, "Andres")
    assert moved.data == {
        "ref": bulletin.number,
        "ticket": ticket.ref,
        "ticket_id": ticket.id,
        "old": "open",
        "new": "in_progress",
    }
    with db.transaction() as session:
        untie_complaint(session.get_one(Ticket, ticket.id), actor=SYSTEM)
        change_status(session.get_one(Ticket, ticket.id), status="resolved", actor=SYSTEM)
    assert len(events("bulletin.complaint_moved")) == 1


def test_those_who_see_claims_see_it_agents_tie_and_the_others_see_nothing(
    andres: FlaskClient,
    fina: FlaskClient,
    nadia: FlaskClient,
    bulletin: Bulletin,
    ticket: Ticket,
) -> None:
    untied = fina.get(f"/claims/complaints/{ticket.id}").text
    assert "<form" not in untied
    tie(ticket, bulletin)
    for address in (
        f"/claims/complaints/{ticket.id}",
        f"/claims/bulletins/{bulletin.id}/complaints",
    ):
        assert "<form" in andres.get(address).text
        seen = fina.get(address)
        assert seen.status_code == 200
        assert "<form" not in seen.text
        assert nadia.get(address).status_code == 403
    assert fina.post(f"/claims/complaints/{ticket.id}/untie").status_code == 403
    assert fina.post(f"/claims/bulletins/{bulletin.id}/complaints", data=NEW).status_code == 403
    assert tied(ticket) == bulletin.id


def test_tickets_of_a_desk_without_claims_show_nothing_of_it(
    andres: FlaskClient, ticket: Ticket
) -> None:
    with db.transaction():
        edit_claim_settings(ClaimSettingsForm(enabled=False), actor=SYSTEM)
    assert "/claims/complaints" not in andres.get(f"/tickets/{ticket.ref}").text
    assert andres.get(f"/claims/complaints/{ticket.id}").status_code == 404
