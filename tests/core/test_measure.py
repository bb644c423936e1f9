"""SQLite is told how much there is of what: without that it sorts every ticket to show the newest fifty."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.tickets.make import make_pulled
from webapp import schedule
from webapp.core import db


def test_the_newest_unfinished_are_found_by_an_index(app: Flask) -> None:
    if db.db.engine.dialect.name != "sqlite":
        schedule.measure()  # nothing to do, nothing goes wrong
        return
    make_pulled(300)
    schedule.measure()
    db.db.session.remove()
    db.db.engine.dispose()
    plan = db.session().execute(
        text(
            "EXPLAIN QUERY PLAN SELECT * FROM ticket WHERE status IN ('open', 'in_progress', 'for_rerouting') "
            "ORDER BY created_at DESC, id DESC LIMIT 51"
        )
    )
    said = " ".join(str(row[-1]) for row in plan)
    assert "TEMP B-TREE" not in said, said


@pytest.fixture(autouse=True)
def _forget(app: Flask) -> object:
    """What was measured here must decide no other test's plans."""
    yield
    if db.db.engine.dialect.name == "sqlite":
        with db.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM sqlite_stat1")
        db.db.session.remove()
        db.db.engine.dispose()
