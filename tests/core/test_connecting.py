"""Connections that the server ended while they waited are not used again."""

from __future__ import annotations

import traceback

import pytest
from flask import Flask
from sqlalchemy import create_engine, literal, select, text
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import User
from webapp.core import db


def test_a_server_that_ended_all_connections_is_connected_to_anew(app: Flask) -> None:
    engine = db.db.engine
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(select(literal(1))) == second.scalar(select(literal(1)))
    if engine.name == "postgresql":
        _end_all()
    for _ in range(3):
        with engine.connect() as again:
            assert again.scalar(select(literal(2))) == 2
    assert db.session().scalar(select(literal(3))) == 3


def test_what_the_database_refuses_tells_no_values_of_the_row(app: Flask) -> None:
    """PostgreSQL's own words end with the whole row."""
    person = User(email="rosa@example.org", name="Rosa Dela Cruz", role="agent")
    with pytest.raises(IntegrityError) as refused, db.transaction() as session:
        session.add(person)
        person.timezone = None  # type: ignore[assignment]
        session.flush()
    told = "".join(traceback.format_exception(refused.value))
    assert "timezone" in str(refused.value)
    assert "rosa@example.org" not in told
    assert "Dela Cruz" not in told


def _end_all() -> None:
    others = create_engine(db.db.engine.url)
    mine = "pid <> pg_backend_pid() AND datname = current_database()"
    with others.connect() as connection:
        ended = connection.execute(
            text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}")
        )
        assert len(ended.all()) >= 2
    others.dispose()
