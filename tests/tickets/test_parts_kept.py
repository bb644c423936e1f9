"""A ticket's page is put together from parts that were drawn before: it is the page that a fresh process would draw."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.tickets.make import ROSA, make_ticket
from webapp.accounts import actions as accounts
from webapp.core import clock
from webapp.core.db import transaction
from webapp.tickets import actions
from webapp.tickets.models import Ticket

OWN = re.compile(
    r'X-CSRFToken": "[^"]*|nonce="[^"]*"|name="(csrf_token|submission_key)" value="[^"]*"|after=[\d-]*|data-(ago|left)[^<]*<'
)


@pytest.fixture
def pages(app, people, sign_in):
    """The page by what is kept, and as it is drawn anew; of two people, so that each warms it for the other."""
    clients = [sign_in(people.andres), sign_in(people.amihan)]

    def pair(ticket: Ticket) -> list[tuple[str, str]]:
        found = []
        for client in clients:
            warm = client.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
            app.extensions["kept"].clear()
            cold = client.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
            found.append((OWN.sub("", warm), OWN.sub("", cold)))
        return found

    return pair


def test_each_kind_of_change_shows_at_once(pages, people) -> None:
    ticket, other, merged = make_ticket(), make_ticket(title="Another"), make_ticket(title="Third")
    actor = people.andres.actor
    due = clock.now() + timedelta(days=1)
    deeds = {
        "title": lambda: actions.edit_ticket(ticket, {"title": "A new title"}, actor=actor),
        "place": lambda: actions.edit_ticket(ticket, {"place": "Elias Street"}, actor=actor),
        "status": lambda: actions.change_status(ticket, status="in_progress", actor=actor),
        "assignee": lambda: actions.assign(ticket, assignee=people.amihan, actor=actor),
        "nobody": lambda: actions.assign(ticket, assignee=None, actor=actor),
        "answer": lambda: actions.respond(ticket, body="We <do>.", actor=actor),
        "reporter": lambda: actions.respond(ticket, body="Still dark.", actor=ROSA),
        "note": lambda: actions.add_note(ticket, body="Aha", actor=actor),
        "tags": lambda: actions.add_tags(ticket, ["Night"], actor=actor),
        "priority": lambda: actions.set_priority(ticket, 4, actor=actor),
        "due": lambda: actions.set_due(ticket, due, actor=actor),
        "refined": lambda: actions.refine_category(ticket, refined="Lamps", actor=actor),
        "checklist": lambda: actions.add_item(ticket, "Call them", actor=actor),
        "watch": lambda: actions.watch(ticket, user=people.amihan, actor=actor),
        "related": lambda: actions.relate(ticket, other, kind="blocks", actor=actor),
        "merged": lambda: actions.merge_ticket(merged, into=ticket, actor=actor),
        "draft": lambda: actions.keep_draft(ticket, user_id=people.andres.id, body="Begun"),
        "held": lambda: actions.hold_answer(ticket, user=people.andres, body="On its way", seconds=600),
        "name": lambda: accounts.edit_user(people.amihan, name="Amihan <R>", actor=actor),
        "role": lambda: accounts.edit_user(people.felix, role="agent", actor=actor),
    }  # fmt: skip
    before = pages(ticket)
    for name, deed in deeds.items():
        with transaction():
            deed()
        after = pages(ticket)
        for warm, cold in after:
            assert warm == cold, name
        assert after != before, f"{name}: nothing of it shows"
        before = after


def test_one_drawing_serves_two_tickets_and_mixes_nothing_up(pages, app, people, sign_in) -> None:
    client = sign_in(people.andres)
    one, other = make_ticket(), make_ticket()
    first = client.get(f"/tickets/{one.ref}").get_data(as_text=True)
    second = client.get(f"/tickets/{other.ref}").get_data(as_text=True)
    assert one.ref in first
    assert one.ref not in second
    assert f"ticket-{one.id}-" not in second
    keys = [re.findall(r'name="submission_key" value="([^"]+)"', page) for page in (first, second)]
    assert len(keys[0]) == len(keys[1]) == 1
    assert keys[0] != keys[1]


def test_who_only_looks_on_never_gets_what_was_drawn_for_an_agent(app, people, sign_in) -> None:
    ticket = make_ticket()
    sign_in(people.andres).get(f"/tickets/{ticket.ref}")
    page = sign_in(people.fina).get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert ticket.title in page
    assert 'name="assignee"' not in page
    assert 'name="body"' not in page
    assert sign_in(people.nadia).get(f"/tickets/{ticket.ref}").status_code in (403, 404)


def test_each_row_of_the_list_says_what_is_true_now(app, people, sign_in, monkeypatch) -> None:
    ticket, other = make_ticket(), make_ticket(title="Another")
    actor, clients = people.andres.actor, [sign_in(people.andres), sign_in(people.fina)]

    def pages() -> list[tuple[str, str]]:
        found = []
        for client in clients:
            warm = client.get("/tickets").get_data(as_text=True)
            app.extensions["kept"].clear()
            cold = client.get("/tickets").get_data(as_text=True)
            found.append((OWN.sub("", warm), OWN.sub("", cold)))
        return found

    due = clock.now() + timedelta(hours=1)
    deeds = {
        "title": lambda: actions.edit_ticket(ticket, {"title": "Dark <corner>"}, actor=actor),
        "status": lambda: actions.change_status(ticket, status="in_progress", actor=actor),
        "assignee": lambda: actions.assign(ticket, assignee=people.amihan, actor=actor),
        "name": lambda: accounts.edit_user(people.amihan, name="Amihan R", actor=actor),
        "tags": lambda: actions.add_tags(ticket, ["Night"], actor=actor),
        "priority": lambda: actions.set_priority(ticket, 4, actor=actor),
        "due": lambda: actions.set_due(ticket, due, actor=actor),
        "checklist": lambda: actions.add_item(ticket, "Call them", actor=actor),
        "draft": lambda: actions.keep_draft(ticket, user_id=people.andres.id, body="Begun"),
        "merged": lambda: actions.merge_ticket(other, into=ticket, actor=actor),
    }
    before = pages()
    for name, deed in deeds.items():
        with transaction():
            deed()
        after = pages()
        assert [warm for warm, _ in after] == [cold for _, cold in after], name
        assert after != before, f"{name}: nothing of it shows"
        before = after
    assert "Late, was due" not in before[0][0]
    monkeypatch.setattr(clock, "now", lambda: due + timedelta(minutes=1))
    assert "Late, was due" in pages()[0][0]
    assert 'name="pick"' in before[0][0]
    assert 'name="pick"' not in before[1][0]
