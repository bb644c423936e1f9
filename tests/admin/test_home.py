"""The front door: what staff, an agent, an admin and a stranger find there."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

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


def test_one_whose_role_sees_no_tickets_is_told_so(
    people: SimpleNamespace, sign_in: SignIn, lamp: Ticket
) -> None:
    page = sign_in(people.rosa).get("/").text
    assert lamp.ref not in page
    assert "Nothing here for your role yet" in page


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
