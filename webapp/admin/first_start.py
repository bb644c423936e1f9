"""What a database holds before anybody has used it: the first categories, and the first admin of the environment."""

from __future__ import annotations

import logging

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from webapp.core import db
from webapp.core.settings import Settings
from webapp.events.models import Event
from webapp.events.types import SYSTEM

log = logging.getLogger(__name__)

_FIRST = f"SELECT id FROM {Event.__tablename__} LIMIT 1"  # noqa: S608 - a name of ours


def prepare(settings: Settings) -> None:
    """Does nothing before the migrations have run, and nothing once anything has happened here."""
    if not _is_asked_for():
        return
    from webapp.tickets.actions import categories  # once in the life of a desk

    try:
        with db.transaction():
            if _is_new():
                categories.add_first_categories(actor=SYSTEM)
                _create_admin(settings)
    except IntegrityError:
        log.info("another process has prepared the database")


def _is_asked_for() -> bool:
    """Each process asks as it starts: by one plain statement, which costs little where all is prepared."""
    try:
        with db.db.engine.connect() as connection:
            return connection.exec_driver_sql(_FIRST).first() is None
    except (OperationalError, ProgrammingError):
        if inspect(db.db.engine).has_table(Event.__tablename__):
            raise
        return False


def _is_new() -> bool:
    return db.session().scalar(select(Event.id).limit(1)) is None


def _create_admin(settings: Settings) -> None:
    from webapp.accounts import actions as accounts

    email, password = settings.tulay_admin_email, settings.tulay_admin_password.get_secret_value()
    if email and password:
        accounts.create_user(email, name="Admin", role="admin", password=password, actor=SYSTEM)
        log.info("first admin created")
