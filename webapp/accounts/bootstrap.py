"""The first admin, from the environment, when the database has nobody."""

from __future__ import annotations

import logging

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from webapp.accounts import actions, queries
from webapp.core import db
from webapp.core.settings import Settings
from webapp.events.types import SYSTEM

log = logging.getLogger(__name__)


def create_first_admin(settings: Settings) -> None:
    """Does nothing without TULAY_ADMIN_EMAIL, before the migrations have run, or when somebody is there."""
    email, password = settings.tulay_admin_email, settings.tulay_admin_password.get_secret_value()
    if not (email and password) or not inspect(db.db.engine).has_table("user_account"):
        return
    if queries.any_user():
        return
    try:
        with db.transaction():
            actions.create_user(email, name="Admin", role="admin", password=password, actor=SYSTEM)
        log.info("first admin created")
    except IntegrityError:
        log.info("first admin was created by another process")
