"""Priority, due time, team and tags: set, told in the history, refused where they make no sense."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from webapp.core import clock, db
from webapp.core.errors import Invalid
from webapp.events.queries import history_of
from webapp.events.types import Actor
from webapp.tickets import actions
from webapp.tickets.models import Tag, Team, Ticket
from webapp.tickets.states import NORMAL, URGENT
from webapp.tickets.values import TicketValues

DESK = Actor("system", None, "Desk")


@pytest.fixture
def ticket(app: object) -> Ticket:
    with db.transaction():
        [made] = actions.import_tickets([TicketValues(title="Broken lamp")], actor=DESK)
    return db.session().get_one(Ticket, made)


def changes_of(ticket: Ticket) -> list[dict[str, list[str | None]]]:
    return [e.data["changes"] for e in history_of("ticket", ticket.id) if e.type == "ticket.edited"]


def test_a_new_ticket_is_of_normal_priority_and_in_nobodys_queue(ticket: Ticket) -> None:
    found = (ticket.priority, ticket.due_at, ticket.team, ticket.tags)
    assert found == (NORMAL, None, None, [])


def test_each_change_stands_in_the_history_once(ticket: Ticket, people: SimpleNamespace) -> None:
    due, actor = clock.now() + timedelta(days=2), people.andres.actor
    for _ in range(2):
        with db.transaction() as session:
            row = session.get_one(Ticket, ticket.id)
            team = session.query(Team).one_or_none() or Team(name="Roads")
            actions.set_priority(row, URGENT, actor=actor)
            actions.set_due(row, due, actor=actor)
            actions.set_team(row, team, actor=actor)
            actions.set_tags(row, ["Night", "Lamp"], actor=actor)
    assert changes_of(ticket) == [
        {"priority": ["Normal", "Urgent"]},
        {"due_at": [None, due.isoformat()]},
        {"team": [None, "Roads"]},
        {"tags": [None, "Lamp, Night"]},
    ]


def test_tags_that_differ_by_case_and_spaces_alone_are_one(ticket: Ticket) -> None:
    with db.transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        actions.set_tags(row, ["Pothole", " pothole ", "POTHOLE", ""], actor=DESK)
        actions.add_tags(row, ["potHOLE", "Rain"], actor=DESK)
        assert [tag.name for tag in row.tags] == ["Pothole", "Rain"]
        actions.remove_tags(row, ["pothole"], actor=DESK)
        assert [tag.name for tag in row.tags] == ["Rain"]
    assert db.session().query(Tag).count() == 2


def test_what_makes_no_sense_is_refused(ticket: Ticket) -> None:
    with db.transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        gone = Team(name="Gone", active=False)
        session.add(gone)
        session.flush()
        with pytest.raises(Invalid):
            actions.set_priority(row, 9, actor=DESK)
        with pytest.raises(Invalid):
            actions.set_team(row, gone, actor=DESK)
        with pytest.raises(Invalid):
            actions.set_tags(row, ["x" * 61], actor=DESK)
        with pytest.raises(Invalid):
            actions.set_tags(row, [f"tag {n}" for n in range(31)], actor=DESK)
        assert (row.priority, row.team_id, row.tags) == (NORMAL, None, [])
