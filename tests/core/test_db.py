"""Transactions: all or nothing, hooks after the commit only, SAVEPOINT that really is one."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.accounts.models import Desk
from webapp.core import db
from webapp.core.columns import UTCDateTime
from webapp.tickets.models import Category


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Category)) or 0


def test_an_exception_undoes_everything_and_drops_the_hooks(session: Session) -> None:
    ran: list[str] = []
    with pytest.raises(ZeroDivisionError), db.transaction():
        session.add(Category(name="Roads"))
        db.after_commit(lambda: ran.append("hook"))
        raise ZeroDivisionError
    assert (_count(session), ran) == (0, [])


def test_hooks_run_once_after_the_outermost_commit(session: Session) -> None:
    ran: list[int] = []
    with db.transaction():
        with db.transaction():
            session.add(Category(name="Roads"))
            db.after_commit(lambda: ran.append(_count(session)))
        assert ran == []
    assert ran == [1]


def test_a_released_savepoint_runs_no_hook(session: Session) -> None:
    ran: list[str] = []
    with db.transaction():
        with session.begin_nested():
            session.add(Category(name="Roads"))
            db.after_commit(lambda: ran.append("hook"))
        assert ran == []


def test_a_savepoint_undoes_only_its_own_rows(session: Session) -> None:
    with db.transaction():
        session.add(Category(name="kept"))
        session.flush()
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            session.add(Category(name="undone"))
            session.flush()
            raise ZeroDivisionError
    assert session.scalars(select(Category.name)).all() == ["kept"]


def test_a_failing_hook_stops_neither_the_next_nor_the_caller(session: Session) -> None:
    ran: list[str] = []
    with db.transaction():
        db.after_commit(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        db.after_commit(lambda: ran.append("second"))
    assert ran == ["second"]


def test_rows_changed_outside_a_transaction_are_refused(session: Session) -> None:
    session.add(Category(name="Roads"))
    with pytest.raises(RuntimeError), db.transaction():
        pass
    session.expunge_all()


def test_a_transaction_that_was_given_up_within_itself_does_not_go_on_as_if_nothing_was(
    session: Session,
) -> None:
    with pytest.raises(RuntimeError, match="given up"), db.transaction():
        session.add(Category(name="lost"))
        session.flush()
        session.rollback()
        session.add(Category(name="half"))
        session.flush()
    with db.transaction():
        session.add(Category(name="whole"))
    assert session.scalars(select(Category.name)).all() == ["whole"]


def test_first_time_answers_once_in_a_transaction(session: Session) -> None:
    with db.transaction():
        assert [db.first_time("a"), db.first_time("a"), db.first_time("b")] == [True, False, True]
    with db.transaction():
        assert db.first_time("a")


def test_a_time_without_a_zone_is_refused_and_any_zone_comes_back_as_utc(session: Session) -> None:
    east = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    with db.transaction():
        connection = session.connection()
        value = connection.scalar(select(text("1")))
        assert value == 1
        stored = UTCDateTime().process_bind_param(east, connection.dialect)
        assert UTCDateTime().process_result_value(stored, connection.dialect) == datetime(
            2026, 3, 1, tzinfo=UTC
        )
        with pytest.raises(ValueError, match="zone"):
            UTCDateTime().process_bind_param(datetime(2026, 3, 1), connection.dialect)  # noqa: DTZ001


def test_two_writers_wait_for_each_other_and_lose_nothing(app: Flask) -> None:
    with db.transaction() as session:
        session.add(Desk(name="0", intro="", timezone="UTC", public_reports=True))

    def add_ten() -> None:
        with app.app_context():
            for _ in range(10):
                with db.transaction() as session:
                    desk = session.scalars(select(Desk).with_for_update()).one()
                    desk.name = str(int(desk.name) + 1)
            db.db.session.remove()

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session().expire_all()
    db.session().rollback()
    assert db.session().scalars(select(Desk.name)).one() == "40"


def test_what_stays_is_not_read_again_and_writes_over_nothing(app: Flask) -> None:
    with db.transaction() as session:
        session.add(Desk(name="Ours", intro="", timezone="UTC", public_reports=True))
    session.expire_all()
    own = session.scalars(select(Desk)).one()
    db.stays(own)
    with app.app_context(), db.transaction() as other:
        other.scalars(select(Desk)).one().name = "Theirs"
    with pytest.raises(StaleDataError), db.transaction():
        assert own.intro == ""
        own.name = "Mine"
    assert own.name == "Theirs"


def test_what_hooks_add_goes_with_what_waits_for_all_of_them(app: Flask) -> None:
    told: list[list[str]] = []
    with db.transaction():
        db.after_commit(lambda: db.together_after_commit(told.append, "of a hook"))
        db.together_after_commit(told.append, "of the transaction")
        db.after_commit(lambda: db.together_after_commit(told.append, "of a later one"))
    assert told == [["of the transaction", "of a hook", "of a later one"]]


def test_what_a_request_read_is_read_anew_where_it_writes(app: Flask) -> None:
    with db.transaction() as session:
        session.add(Desk(name="Ours", intro="", timezone="UTC", public_reports=True))
        session.add(Category(name="Roads"))
    session.expire_all()
    db.stays(session.scalars(select(Desk)).one())
    read = session.scalars(select(Category)).one()
    with app.app_context(), db.transaction() as other:
        other.scalars(select(Category)).one().name = "Bridges"
    with db.transaction():
        assert read.name == "Bridges"
        read.position = 3
    assert session.scalars(select(Category.position)).all() == [3]


def test_what_failed_while_reading_is_over_where_it_writes(session: Session) -> None:
    with db.transaction():
        session.add(Desk(name="Ours", intro="", timezone="UTC", public_reports=True))
    db.stays(session.scalars(select(Desk)).one())
    with pytest.raises(DBAPIError):
        session.execute(text("SELECT no_such_column"))
    with db.transaction():
        session.add(Category(name="Roads"))
    assert _count(session) == 1
