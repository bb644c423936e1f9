"""Pulling from a real MyNaga over HTTP."""

from sqlalchemy import select

from tests.sync.conftest import connection_of, counted, link_of, ticket_of
from webapp.core import db
from webapp.tickets.models import Ticket


def test_the_first_pull_makes_a_ticket_of_each_report(naga, connect, run):
    connection_id = connect(naga)

    first = run(connection_id)

    assert (first.state, first.created, first.fetched) == ("ok", 12, 12), first.error
    assert counted().ticket == counted().link == 12
    report = naga.upstream.reports.page(since=None, after=None, limit=1)[0][1]
    ticket = ticket_of(report["id"])
    assert ticket.description == report["description"]
    assert ticket.category == report["category"]
    assert ticket.barangay == report["barangay"]
    assert ticket.external_status == report["status"]
    assert ticket.source == f"connection:{connection_id}"
    assert ticket.source_url.endswith(report["url"])


def test_an_identical_pull_changes_nothing_at_all(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    before = counted()

    for _ in range(3):
        again = run(connection_id)
        assert (again.state, again.created, again.updated) == ("ok", 0, 0)

    assert counted() == before


def test_one_change_there_updates_one_ticket_here(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    changed = db.session().scalars(select(Ticket.control_number)).first()
    naga.edit(changed, category="Flooding")
    before = counted()

    second = run(connection_id)

    assert (second.created, second.updated) == (0, 1)
    assert ticket_of(changed).category == "Flooding"
    assert counted().event == before.event + 1
    assert link_of(changed).upstream_version == str(naga.get(changed)["version"])


def test_a_pull_that_is_not_due_does_nothing(naga, connect, run):
    from webapp.sync.pull.loop import pull

    connection_id = connect(naga)
    run(connection_id)

    assert connection_of(connection_id).next_pull_at is not None
    assert pull(connection_id) is None
