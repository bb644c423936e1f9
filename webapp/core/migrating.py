"""Flask-Migrate, for those who migrate: it brings Alembic along, which no other process needs."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from webapp.core import loading
from webapp.core.db import db

FOLDER = Path(__file__).parents[2] / "migrations"


def init_app(app: Flask) -> None:
    loading.bring_models()  # Alembic compares them with what it finds
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True)
