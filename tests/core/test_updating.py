"""Many changed rows are written together, and nobody's work is lost by it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm.exc import StaleDataError

from tests.counting import statements
from webapp.core import db
from webapp.core.updating import flush_together
from webapp.targets.models import Calendar
from webapp.tickets.models import Category


def calendar(n: int) -> Calendar:
    return Calendar(name=f"Calendar {n}", timezone="UTC", week={})


@pytest.fixture
def calendars(session):
    with db.transaction() as writing:
        writing.add_all([calendar(n) for n in range(5)])
    return seen()


def all_of(session) -> list[Calendar]:
    return list(session.scalars(select(Calendar).order_by(Calendar.id)))


def seen() -> list[Calendar]:
    db.session().rollback()
    return all_of(db.session())


def zones() -> list[str]:
    return [each.timezone for each in seen()]


def test_rows_of_which_the_same_changes_go_with_one_statement(calendars):
    before = [each.version for each in calendars]

    with statements("UPDATE") as written, db.transaction() as session:
        for n, each in enumerate(all_of(session)):
            each.timezone = f"Etc/GMT+{n}"
        flush_together()
        assert len(written) == 1

    assert len(written) == 1, "nothing was left to write"
    assert zones() == [f"Etc/GMT+{n}" for n in range(5)]
    assert [each.version for each in seen()] == [version + 1 for version in before]


def test_what_changes_again_is_written_again_and_new_rows_with_it(calendars):
    with db.transaction() as session:
        rows = all_of(session)
        for each in rows:
            each.timezone = "First"
        flush_together()
        for each in rows[:4]:
            each.timezone = "Second"
        rows[4].timezone = "First"
        session.add(calendar(6))
        flush_together()

    assert zones() == [*["Second"] * 4, "First", "UTC"]


def test_a_row_that_somebody_else_has_written_stops_all_of_them(calendars):
    with pytest.raises(StaleDataError), db.transaction() as session:
        rows = all_of(session)
        theirs = update(Calendar).where(Calendar.id == rows[2].id)
        session.execute(
            theirs.values(version=Calendar.version + 1).execution_options(synchronize_session=False)
        )
        for each in rows:
            each.timezone = "Ours"
        flush_together()

    assert set(zones()) == {"UTC"}


def test_what_a_savepoint_takes_back_is_read_as_it_was(calendars):
    with db.transaction() as session:
        rows = all_of(session)
        with pytest.raises(ValueError, match="not this"), session.begin_nested():
            for each in rows:
                each.timezone = "Gone"
            flush_together()
            raise ValueError("not this")
        assert {each.timezone for each in rows} == {"UTC"}
        for each in rows:
            each.timezone = "Kept"

    assert zones() == ["Kept"] * 5


def test_rows_without_a_version_go_together_too_and_one_that_is_gone_stops_all(session):
    with db.transaction() as writing:
        writing.add_all([Category(name=f"Category {n}", position=n) for n in range(5)])

    with statements("UPDATE") as written, db.transaction() as current:
        rows = list(current.scalars(select(Category).order_by(Category.id)))
        for each in rows:
            each.position += 10
        flush_together()
        assert not current.dirty
    assert len(written) == 1

    with pytest.raises(StaleDataError), db.transaction() as current:
        rows = list(current.scalars(select(Category).order_by(Category.id)))
        current.execute(
            delete(Category)
            .where(Category.id == rows[2].id)
            .execution_options(synchronize_session=False)
        )
        for each in rows:
            each.position += 10
        flush_together()

    found = db.session().scalars(select(Category.position).order_by(Category.id))
    assert list(found) == [10, 11, 12, 13, 14]
