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
from sqlalchemy import inspect

from webapp import create_app
from webapp.core import db, migrating
from webapp.core import settings as core_settings
from webapp.core.settings import Settings


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
        difference = compare_metadata(MigrationContext.configure(connection), db.Base.metadata)
        tables = set(inspect(connection).get_table_names())
    assert difference == []
    assert tables == set(db.Base.metadata.tables) | {"alembic_version"}

    downgrade(revision="base")
    with db.db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
