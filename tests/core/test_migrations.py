"""The migrations lead to exactly the tables that the models describe, and back to none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from webapp import create_app
from webapp.core import db, migrating
from webapp.core import settings as core_settings
from webapp.core.settings import Settings
from webapp.tickets import indexing


@pytest.fixture
def fresh(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """An app on an empty database of its own."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    url = f"sqlite:///{tmp_path}/fresh.db"
    if server:
        import psycopg

        name = f"tulay_fresh_{os.getpid()}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            admin.execute(f'CREATE DATABASE "{name}"')
        url = "postgresql+psycopg" + server[server.index("://") :].rsplit("/", 1)[0] + "/" + name
    made = create_app(settings.model_copy(update={"database_url": url}), pages=False)
    migrating.init_app(made)
    with made.app_context():
        yield made
        db.db.session.remove()
        db.db.engine.dispose()
    core_settings.install(settings)


def test_upgrade_makes_what_the_models_say_and_downgrade_leaves_nothing(fresh: Flask) -> None:
    upgrade()
    with db.db.engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or not indexing.is_ours(name)}
        context = MigrationContext.configure(connection, opts=ours)
        difference = compare_metadata(context, db.Base.metadata)
        tables = set(inspect(connection).get_table_names())
        assert indexing.TABLE in tables  # which the models do not describe
        tables = {name for name in tables if not indexing.is_ours(name)}
    assert difference == []
    assert tables == set(db.Base.metadata.tables) | {"alembic_version"}

    downgrade(revision="base")
    with db.db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}


def test_a_table_that_changes_keeps_what_hangs_on_it(fresh: Flask) -> None:
    upgrade(revision="0002")
    with db.db.engine.begin() as connection:
        ticket = {"ref": "T-1", "title": "Lamp", "status": "open", "follow_token": "abc"}
        times = dict.fromkeys(("reported_at", "created_at", "updated_at"), "2026-11-01 08:00:00")
        empty = dict.fromkeys(
            [
                "description",
                "category",
                "refined_category",
                "barangay",
                "place",
                "reporter_name",
                "reporter_email",
                "reporter_phone",
                "source",
                "source_name",
                "control_number",
                "source_url",
                "external_status",
            ],
            "",
        )
        row = {**ticket, **times, **empty, "status_is_ours": False, "version": 1}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO ticket ({names}) VALUES ({marks})"), row)
        connection.execute(
            text(
                "INSERT INTO note (ticket_id, author_name, body, created_at) "
                "SELECT id, 'Andres', 'Ask the crew', '2026-11-01 08:00:00' FROM ticket"
            )
        )
    upgrade()
    with db.db.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT body, priority FROM note JOIN ticket ON ticket.id = note.ticket_id")
        ).one()
    assert tuple(kept) == ("Ask the crew", 2)
