"""Statements that are put to the driver itself answer as SQLAlchemy's do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import bindparam, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.counting import selects
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.core import db, reading
from webapp.core.among import among_given, given
from webapp.core.driver import ask
from webapp.core.plain import Plain
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.tickets.models import Category, Ticket

AT = datetime(2026, 11, 29, 8, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def ticket(app: Flask) -> int:
    with db.transaction() as session:
        row = Ticket(
            ref="T-1", title='A "dark" corner', description="ñ 🏮", category="Roads", status="open",
            source="desk", follow_token="x" * 32, reported_at=AT, created_at=AT, updated_at=AT, lat=Decimal("14.623000"),
            lng=Decimal("121.500000"),
        )  # fmt: skip
        fact = Event(
            at=AT, type="x.y", actor_kind="user", actor_name="A", subject_kind="ticket",
            subject_id=1, data={"n": [1, None]}, internal=True,
        )  # fmt: skip
        session.add_all([row, fact])
    return row.id


def test_each_run_gives_the_same_rows_of_every_type(ticket: int) -> None:
    query = select(
        Ticket.id, Ticket.title, Ticket.description, Ticket.lat, Ticket.reported_at, Ticket.due_at,
        Event.data, Event.internal, literal("said").label("what"), literal(3),
    ).join(Event, Event.internal.is_(True)).where(Ticket.reported_at <= bindparam("at"))  # fmt: skip
    plain = Plain(query)
    expected = [tuple(row) for row in db.session().execute(query, {"at": AT})]
    assert len(expected) == 1
    with selects() as asked:
        for _ in range(3):
            rows = plain.all({"at": AT})
            assert [tuple(row) for row in rows] == expected
            assert (rows[0].title, rows[0].reported_at, rows[0].what) == (
                'A "dark" corner',
                AT,
                "said",
            )
            assert (type(rows[0].lat), rows[0].internal) == (Decimal, True)
    assert len(asked) == 3


def test_its_own_values_stay_and_what_it_asks_for_changes(session: Session) -> None:
    with db.transaction():
        session.add_all([Category(name=each) for each in ("Roads", "Lights", "Water")])
    dialect = session.get_bind().dialect.name
    among = among_given(Category.name, "names", dialect)
    plain = Plain(
        select(Category.name).where(Category.active.is_(True), among).order_by(Category.name)
    )
    for _ in range(2):
        assert plain.all({"names": given(["Roads", "Water"], dialect)}) == [("Roads",), ("Water",)]
        assert plain.first({"names": given(["Lights"], dialect)}) == ("Lights",)
        assert plain.first({"names": given(["None's"], dialect)}) is None


def test_a_list_of_its_own_is_taken_as_well(session: Session) -> None:
    with db.transaction():
        session.add_all([Category(name=each) for each in ("Roads", "Lights", "Water")])
    plain = Plain(select(Category.name).where(Category.name.in_(["Roads", "Lights"])))
    for _ in range(3):
        assert sorted(plain.all()) == [("Lights",), ("Roads",)]


def test_what_the_database_refuses_is_told_without_the_values(session: Session) -> None:
    mark = "?" if session.get_bind().dialect.name == "sqlite" else "%s"
    with pytest.raises(DBAPIError) as told:
        ask(session.connection(), f"SELECT nothing FROM user_account WHERE name = {mark}", ["Rosa"])
    assert "Rosa" not in str(told.value)
    session.rollback()
    assert session.scalar(select(literal(1))) == 1


def test_what_is_read_alone_sees_each_commit_and_a_transaction_writes_after_it(
    session: Session,
) -> None:
    reading.alone(session)
    names = Plain(select(User.name).order_by(User.id))
    assert names.all() == []
    with db.transaction():
        accounts.create_user(
            "a@example.org", name="Amihan", role="agent", password="x" * 20, actor=SYSTEM
        )
    assert names.all() == [("Amihan",)]
    with pytest.raises(ZeroDivisionError), db.transaction():
        session.execute(text("UPDATE user_account SET name = 'Somebody'"))
        raise ZeroDivisionError
    assert names.all() == [("Amihan",)]


def test_an_answer_in_pieces_can_be_read_alone(session: Session) -> None:
    with db.transaction():
        session.add_all([Category(name=f"C {n:02}") for n in range(30)])
    reading.alone(session)
    query = select(Category.name).order_by(Category.name).execution_options(yield_per=7)
    assert [name for (name,) in session.execute(query)] == [f"C {n:02}" for n in range(30)]
