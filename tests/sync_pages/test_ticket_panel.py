"""What a ticket's page says of its upstreams, to whom."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sync_pages.conftest import Connect
from webapp.accounts.models import User
from webapp.core import clock
from webapp.core.db import transaction
from webapp.events.types import Actor
from webapp.outbox.models import Delivery
from webapp.tickets.actions import change_status, submit_report
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def pulled(connect: Connect, people: SimpleNamespace, session: Session) -> Ticket:
    """A ticket of the upstream, whose status somebody here has changed."""
    connect()
    ticket = session.scalars(select(Ticket).order_by(Ticket.id)).first()
    assert ticket is not None
    with transaction():
        change_status(ticket, status="for_rerouting", actor=people.andres.actor)
    return ticket


def panel(client: FlaskClient, ticket: Ticket) -> str:
    return client.get(f"/connections/ticket/{ticket.id}").text


def settle(session: Session, **values: object) -> None:
    with transaction():
        delivery = session.scalars(select(Delivery)).one()
        for name, value in values.items():
            setattr(delivery, name, value)


def test_it_names_the_record_there_and_says_since_when_a_change_waits(
    people: SimpleNamespace, sign_in: SignIn, pulled: Ticket
) -> None:
    page = panel(sign_in(people.andres), pulled)
    assert pulled.control_number in page
    assert "waiting to be sent since" in page
    assert "nothing sent yet" in page


def test_it_says_when_a_change_was_sent(
    people: SimpleNamespace, sign_in: SignIn, pulled: Ticket, session: Session
) -> None:
    settle(session, state="sent", settled_at=clock.now())
    page = panel(sign_in(people.andres), pulled)
    assert "Sent" in page
    assert "waiting to be sent" not in page


def test_a_parked_change_shows_its_reason_and_only_an_admin_may_send_it_again(
    people: SimpleNamespace, sign_in: SignIn, pulled: Ticket, session: Session
) -> None:
    settle(session, state="parked", reason="They refuse <it>.")
    for person, buttons in ((people.andres, False), (people.amihan, True)):
        page = panel(sign_in(person), pulled)
        assert "They refuse &lt;it&gt;." in page
        assert ("/retry" in page) is buttons
        assert ('href="/connections/' in page) is buttons


def test_a_ticket_of_our_own_says_so(people: SimpleNamespace, sign_in: SignIn) -> None:
    form = ReportForm(title="Lamp", description="Dark.", name="Rosa")
    with transaction():
        own = submit_report(form, actor=Actor("reporter", None, "Rosa"))
    assert "no other system knows it" in panel(sign_in(people.andres), own)


@pytest.mark.parametrize("name", ["felix", "rosa", "nadia"])
def test_it_is_closed_to_those_who_see_no_tickets(
    people: SimpleNamespace, sign_in: SignIn, pulled: Ticket, name: str
) -> None:
    answer = sign_in(getattr(people, name)).get(f"/connections/ticket/{pulled.id}")
    assert answer.status_code in (403, 404)


def test_a_ticket_that_is_not_there_is_not_found(people: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(people.andres).get("/connections/ticket/4711").status_code == 404


def test_an_address_that_is_no_web_address_is_no_link(
    people: SimpleNamespace, sign_in: SignIn, pulled: Ticket
) -> None:
    with transaction() as session:
        session.get_one(Ticket, pulled.id).source_url = "javascript:alert(1)"
    assert "javascript:" not in panel(sign_in(people.andres), pulled)
