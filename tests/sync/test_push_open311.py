"""A city that knows only open and closed: our finer statuses must survive the way there and back."""

import pytest
from sqlalchemy import select

from tests.sync.conftest import assert_in_no_row, counted, link_of, ticket_of
from tests.sync.test_push import decide, deliveries, send
from webapp.core import db
from webapp.sync.models import Conflict


@pytest.fixture
def pulled(city, connect, run):
    connection_id = connect(city, kind="open311", name="City")
    first = run(connection_id)
    assert (first.state, first.created) == ("ok", 12), first.error
    open_one = next(
        ticket.control_number for ticket in _tickets() if ticket.external_status == "open"
    )
    return connection_id, open_one


def _tickets():
    from webapp.tickets.models import Ticket

    return db.session().scalars(select(Ticket).order_by(Ticket.id)).all()


def test_resolved_here_is_closed_there_and_stays_resolved_here(city, pulled, run):
    connection_id, request = pulled

    decide(request, "resolved")
    send(connection_id)
    assert deliveries(request)[0].state == "sent"
    assert city.get(request)["status"] == "closed"
    before = counted()
    for _ in range(2):
        assert run(connection_id).state == "ok"

    assert ticket_of(request).status == "resolved"
    assert counted().event == before.event
    assert counted().delivery == before.delivery
    assert db.session().scalars(select(Conflict)).all() == []


def test_a_step_that_is_none_over_there_is_not_sent(city, pulled, run):
    connection_id, request = pulled

    decide(request, "in_progress")
    send(connection_id)
    run(connection_id)

    assert city.received == []
    assert deliveries(request)[0].state == "sent"
    assert ticket_of(request).status == "in_progress"


def test_closing_it_there_still_closes_it_here(city, pulled, run):
    connection_id, request = pulled
    decide(request, "in_progress")
    send(connection_id)
    city.edit(request, status="closed")

    assert run(connection_id).updated == 1

    assert ticket_of(request).status == "closed"
    assert link_of(request).upstream_open is False


def test_the_api_key_that_stands_in_the_body_of_a_push_is_kept_nowhere(city, pulled):
    connection_id, request = pulled
    decide(request, "closed")
    send(connection_id)

    assert deliveries(request)[0].state == "sent"
    assert_in_no_row(city.token)
