"""Rows that come out of a plain statement are the session's own, as though it had read them itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.core import db
from webapp.core.entities import Entities
from webapp.tickets.composing.models import Draft
from webapp.tickets.models import Response, Team, Ticket

AT = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
FOUND = Entities(
    Ticket,
    Team,
    Draft,
    func.length(Ticket.title),
    more=lambda query: (
        query.select_from(Ticket)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .outerjoin(Draft, Draft.ticket_id == Ticket.id)
        .where(Ticket.ref == bindparam("ref"))
    ),
)


@pytest.fixture
def ticket(session: Session) -> int:
    with db.transaction():
        team = Team(name="Roads")
        session.add(team)
        session.flush()
        times = {"reported_at": AT, "created_at": AT, "updated_at": AT}
        row = Ticket(
            ref="T-1", title="Dark", description="x", category="Roads", status="open",
            source="desk", follow_token="x" * 32, team_id=team.id, **times,
        )  # fmt: skip
        row.responses = [Response(body="Soon", author_kind="user", author_name="A", created_at=AT)]
        session.add(row)
    session.expunge_all()
    return row.id


def test_they_are_read_again_and_again_and_each_time_the_same_object(
    session: Session, ticket: int
) -> None:
    for _ in range(3):
        found, team, draft, length = FOUND.first({"ref": "T-1"}) or ()
        assert (found.id, found.title, found.reported_at, length) == (ticket, "Dark", AT, 4)
        assert (team.name, draft) == ("Roads", None)
        assert session.get(Ticket, ticket) is found
        assert found.team is team
        assert [each.body for each in found.responses] == ["Soon"]
        session.expunge_all()
    assert FOUND.first({"ref": "T-2"}) is None


def test_a_change_is_written_and_a_stale_one_refused(session: Session, ticket: int) -> None:
    for title in ("Darker", "Darkest"):
        with db.transaction():
            found, *_ = FOUND.first({"ref": "T-1"}) or ()
            found.title = title
        assert session.execute(select(Ticket.title, Ticket.version)).one()[0] == title
    with pytest.raises(StaleDataError), db.transaction():
        found, *_ = FOUND.first({"ref": "T-1"}) or ()
        session.execute(text("UPDATE ticket SET version = version + 1"))
        found.title = "Black"


def test_what_is_known_already_stays_and_what_is_forgotten_comes_anew(
    session: Session, ticket: int
) -> None:
    known = session.get_one(Ticket, ticket)
    with db.transaction():
        known.place = "Corner"
        again, *_ = FOUND.first({"ref": "T-1"}) or ()  # written first, then read
        assert (again is known, known.place) == (True, "Corner")
        session.execute(text("UPDATE ticket SET title = 'Light'"))
        FOUND.first({"ref": "T-1"})
        assert known.title == "Dark"
        session.expire(known)
        FOUND.first({"ref": "T-1"})
        assert known.__dict__["title"] == "Light"
