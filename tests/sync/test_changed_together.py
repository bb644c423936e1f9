"""Many records that changed there are merged together; one that cannot be holds up none of the others."""

from __future__ import annotations

from sqlalchemy import event as listening
from sqlalchemy import select

from tests.sync.conftest import counted, seeing, ticket_of
from webapp.core import db
from webapp.events.models import Event
from webapp.sync.models import Quarantine
from webapp.tickets.models import Ticket


def numbers() -> list[str]:
    return sorted(seeing().scalars(select(Ticket.control_number)))


def types_of(number: str) -> list[str]:
    of_it = (Event.subject_kind == "ticket", Event.subject_id == ticket_of(number).id)
    query = select(Event.type).where(*of_it).order_by(Event.id)
    return list(seeing().scalars(query))


def statements(naga, run, connection_id, changed, category) -> int:
    """How many a pull takes in which `changed` records come back with another category and status."""
    for number in changed:
        status = "Resolved" if naga.get(number)["status"] != "Resolved" else "In Progress"
        naga.edit(number, category=category, status=status)
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    listening.listen(db.db.engine, "before_cursor_execute", note)
    try:
        assert run(connection_id).updated == len(changed)
    finally:
        listening.remove(db.db.engine, "before_cursor_execute", note)
    return len(asked)


def test_twelve_take_hardly_more_statements_than_two(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    known = numbers()

    two = statements(naga, run, connection_id, known[:2], "Flooding")
    twelve = statements(naga, run, connection_id, known, "Roads")

    assert twelve <= two + 30, "one by one they took twelve each"
    assert {ticket_of(number).category for number in known} == {"Roads"}


def test_each_tells_what_became_of_it_in_order(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    known = numbers()
    statements(naga, run, connection_id, known, "Flooding")

    for number in known:
        assert types_of(number) == ["ticket.created", "ticket.edited", "ticket.status_changed"]


def test_one_that_cannot_be_merged_holds_up_no_other(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    bad, *good = numbers()
    before = counted().event
    naga.edit(bad, createdAt="1901-01-01T00:00:00+00:00")
    for number in good:
        naga.edit(number, category="Flooding")

    found = run(connection_id)

    assert (found.state, found.updated, found.quarantined) == ("ok", len(good), 1), found.error
    assert {ticket_of(number).category for number in good} == {"Flooding"}
    assert seeing().scalars(select(Quarantine.external_id)).all() == [bad]
    assert counted().event == before + len(good), "each once, though they were tried twice"
