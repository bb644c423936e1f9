"""/tickets/<ref>/edit: corrections by two people at once."""

from __future__ import annotations

import re

import pytest

from tests.tickets.make import make_pulled, make_ticket
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.tickets import actions, queries
from webapp.tickets.models import Ticket


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def opened(desk, ticket: Ticket) -> dict[str, str]:
    """The form as a browser would send it unchanged."""
    html = desk.get(f"/tickets/{ticket.ref}/edit").get_data(as_text=True)
    seen = dict(
        re.findall(r'<textarea name="(seen_\w+)" hidden readonly>\n(.*?)</textarea>', html, re.S)
    )
    return {**seen, **{name.removeprefix("seen_"): value for name, value in seen.items()}}


def save(desk, ticket: Ticket, form: dict[str, str], **typed: str):
    return desk.post(f"/tickets/{ticket.ref}/edit", data={**form, **typed})


def test_an_edit_is_one_fact_with_old_and_new(desk) -> None:
    ticket = make_ticket()
    form = opened(desk, ticket)
    assert save(desk, ticket, form).status_code == 303  # nothing changed, nothing is told
    answer = save(desk, ticket, form, title="Dark lamp", reporter_email="Rosa@Example.org")
    assert answer.status_code == 303
    [event] = [e for e in history_of("ticket", ticket.id) if e.type == "ticket.edited"]
    assert event.data["changes"] == {
        "title": ["Broken street light", "Dark lamp"],
        "reporter_email": ["rosa@example.org", "Rosa@example.org"],
    }
    assert event.internal


def test_different_fields_merge_and_the_same_one_is_asked_about(desk, people) -> None:
    ticket = make_ticket()
    form = opened(desk, ticket)
    with transaction():
        actions.edit_ticket(
            queries.ticket_by_id(ticket.id),
            {"title": "Theirs", "place": "Zone 9"},
            actor=people.amihan.actor,
        )
    answer = save(desk, ticket, form, title="Mine", barangay="Abella")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert ">Theirs</q>" in html
    assert 'value="Mine"' in html
    assert 'value="Zone 9"' in html  # theirs, untouched here
    assert queries.ticket_by_id(ticket.id).barangay == "Tinago"
    assert (
        save(
            desk, ticket, {**form, "seen_title": "Theirs"}, title="Mine", barangay="Abella"
        ).status_code
        == 303
    )
    now = queries.ticket_by_id(ticket.id)
    assert (now.title, now.place, now.barangay) == ("Mine", "Zone 9", "Abella")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("title", " "), ("reporter_email", "nobody"), ("reporter_phone", "call me"),
     ("category", "Made up"), ("description", "x" * 20_001)],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(desk, field, wrong) -> None:
    ticket = make_ticket()
    answer = save(desk, ticket, opened(desk, ticket), barangay="Abella", **{field: wrong})
    assert answer.status_code == 422
    assert 'value="Abella"' in answer.get_data(as_text=True)
    assert queries.ticket_by_id(ticket.id).barangay == "Tinago"


def test_what_an_upstream_sent_need_not_be_right_to_correct_something_else(desk) -> None:
    [ticket] = make_pulled(reporter_phone="none given", description="x" * 30_000, category="Drains")
    assert save(desk, ticket, opened(desk, ticket), place="Zone 1").status_code == 303
    assert queries.ticket_by_id(ticket.id).place == "Zone 1"


def test_only_those_who_work_on_tickets_may(people, sign_in) -> None:
    ticket = make_ticket()
    for name in ("fina", "felix", "nadia"):
        client = sign_in(getattr(people, name))
        assert client.get(f"/tickets/{ticket.ref}/edit").status_code == 403
        assert save(client, ticket, {}, title="Mine").status_code == 403
