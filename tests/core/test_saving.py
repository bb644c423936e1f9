"""A changed row is written in one statement, and whatever else was changed by the session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.counting import statements
from webapp.core import db
from webapp.tickets.models import Category, Team, Ticket

AT = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    times = {"reported_at": AT, "created_at": AT, "updated_at": AT}
    with db.transaction():
        row = Ticket(
            ref="T-1", title="Dark", description="x", category="Roads", status="open",
            source="desk", follow_token="x" * 32, **times,
        )  # fmt: skip
        session.add(row)
    return row


def _stored(session: Session) -> tuple[str, datetime | None, int]:
    title, at, version = session.execute(
        select(Ticket.title, Ticket.first_response_at, Ticket.version)
    ).one()
    return title, at, version


def test_it_is_one_statement_and_the_version_grows(session: Session, ticket: Ticket) -> None:
    for is_read in (True, False):
        with statements("UPDATE") as written, db.transaction():
            assert not is_read or ticket.version
            ticket.title, ticket.first_response_at = "Darker", AT + timedelta(days=is_read)
            db.flush()
            db.flush()
            assert len(written) == 1
            ticket.title = "Darkest"
        assert len(written) == 2
        assert not session.dirty
        assert _stored(session) == ("Darkest", AT + timedelta(days=is_read), 3 + 2 * (not is_read))
    with statements("UPDATE") as written, db.transaction():
        assert ticket.title == "Darkest"
        ticket.title = "Darkest"
    assert written == []


def test_who_changed_a_row_that_somebody_else_changed_is_told(
    session: Session, ticket: Ticket
) -> None:
    with pytest.raises(StaleDataError), db.transaction():
        assert ticket.version == 1
        session.execute(text("UPDATE ticket SET version = 2"))
        ticket.title = "Light"
    assert _stored(session) == ("Dark", None, 1)
    assert ticket.title == "Dark"


def test_what_is_written_within_a_savepoint_is_forgotten_with_it(
    session: Session, ticket: Ticket
) -> None:
    with db.transaction():
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            ticket.title = "Light"
            db.flush()
            raise ZeroDivisionError
        assert ticket.title == "Dark"
        ticket.updated_at = AT + timedelta(hours=1)
    assert (ticket.title, ticket.version) == ("Dark", 2)


def test_ties_lists_sums_and_several_rows_are_written_too(session: Session, ticket: Ticket) -> None:
    with db.transaction():
        session.add_all([Team(name="Lights"), Category(name="A"), Category(name="B")])
    team = session.scalars(select(Team)).one()
    with db.transaction():
        ticket.team, ticket.answers = team, [["When?", "Now"]]
    assert (ticket.team_id, session.scalar(select(Ticket.answers))) == (team.id, [["When?", "Now"]])
    with db.transaction():
        ticket.title = func.upper(Ticket.title)
    assert _stored(session)[0] == "DARK"
    with db.transaction():
        for row in session.scalars(select(Category)):
            row.position = 7
    assert session.scalars(select(Category.position)).all() == [7, 7]
    with db.transaction():  # a row without a version
        session.scalars(select(Category).where(Category.name == "A")).one().active = False
    assert session.scalars(select(Category.name).where(Category.active.is_(True))).all() == ["B"]
