"""The front door: what staff, an agent, an admin and a stranger find there."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core.db import transaction
from webapp.events.types import Actor
from webapp.tickets.actions import assign, change_status, submit_report
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def lamp(people: SimpleNamespace) -> Ticket:
    form = ReportForm(title="Broken <lamp>", description="It is dark.", name="Rosa")
    with transaction():
        return submit_report(form, actor=Actor("reporter", None, "Rosa"))


def tile(page: str, name: str) -> str:
    return page.split(f'id="tile-{name}"')[1].split('tile__value">')[1].split("<", maxsplit=1)[0]


def test_a_stranger_finds_the_public_page(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "home-figures" not in page.text


def test_a_reporter_finds_their_own_reports_and_no_others(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    rosa = sign_in(people.rosa)
    page = rosa.get("/").text
    assert lamp.ref not in page  # it came without an address
    assert "You have reported nothing yet" in page
    mentioned = make_ticket(email="", description=f"Write to {people.rosa.email}")
    other, own = (
        make_ticket(email="x" + people.rosa.email),
        make_ticket(email=people.rosa.email.upper()),
    )
    page = rosa.get("/").text
    assert f"/follow/{own.follow_token}" in page
    assert not any(each.ref in page for each in (lamp, mentioned, other))
    with transaction():
        change_status(own, status="in_progress", actor=people.andres.actor)
    assert "In progress" in rosa.get("/home/own").text


def test_own_reports_go_on_after_twenty(people: SimpleNamespace, sign_in: SignIn) -> None:
    made = [make_ticket(email=people.rosa.email).ref for _ in range(21)]
    rosa = sign_in(people.rosa)
    first = rosa.get("/").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = rosa.get(older.group(1)).text
    assert [ref for ref in made if ref in first] == made[1:]
    assert [ref for ref in made if ref in second] == made[:1]


def test_the_form_knows_a_reporter_who_is_signed_in(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    assert f'value="{people.rosa.email}"' in sign_in(people.rosa).get("/report").text
    assert f'value="{people.andres.email}"' not in sign_in(people.andres).get("/report").text


def test_a_field_worker_begins_with_their_own_day(people: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(people.felix).get("/")
    assert (answer.status_code, answer.location) == (302, "/my-day")


def test_the_tiles_count_and_lead_to_what_they_count(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    client = sign_in(people.andres)
    page = client.get("/").text
    assert (tile(page, "open"), tile(page, "in-progress"), tile(page, "new-today")) == (
        "1",
        "0",
        "1",
    )
    assert "/tickets?status=open" in page
    with transaction():
        change_status(lamp, status="in_progress", actor=people.andres.actor)
    page = client.get("/home/figures").text
    assert (tile(page, "open"), tile(page, "in-progress")) == ("0", "1")


def test_the_feed_tells_what_happened_in_words_and_escapes_them(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    feed = sign_in(people.andres).get("/home/feed").text
    assert "Rosa</strong> reported" in feed
    assert f"/tickets/{lamp.ref}" in feed
    assert "Broken &lt;lamp&gt;" in feed


def test_an_agents_feed_tells_nothing_of_people_connections_and_settings(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    assert "created an account" in sign_in(people.amihan).get("/home/feed").text
    assert "created an account" not in sign_in(people.andres).get("/home/feed").text


def test_an_agent_sees_no_connection_tile(people: SimpleNamespace, sign_in: SignIn) -> None:
    assert "tile-connections" not in sign_in(people.andres).get("/").text
    assert "tile-connections" in sign_in(people.amihan).get("/").text


def test_what_is_mine_needs_my_attention(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    client = sign_in(people.andres)
    assert "All is in step" in client.get("/home/attention").text
    with transaction():
        assign(lamp, assignee=people.andres, actor=people.amihan.actor)
    assert "1 ticket is yours" in client.get("/home/attention").text


@pytest.mark.parametrize("path", ["/home/figures", "/home/feed", "/home/attention"])
def test_the_live_parts_are_closed_to_those_without_tickets(
    people: SimpleNamespace, sign_in: SignIn, path: str
) -> None:
    assert sign_in(people.felix).get(path).status_code == 403


@pytest.mark.parametrize(("name", "offered"), [("andres", True), ("fina", False)])
def test_a_new_ticket_is_offered_to_those_alone_who_may_write_one(
    people: SimpleNamespace, sign_in: SignIn, name: str, offered: bool
) -> None:
    assert ("/tickets/new" in sign_in(getattr(people, name)).get("/").text) is offered


def test_a_desk_without_connections_names_the_next_step_to_who_may_take_it(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    assert "Connect the first system" in sign_in(people.amihan).get("/home/attention").text
    assert "Connect the first system" not in sign_in(people.andres).get("/home/attention").text
