"""A new database gets its first admin and categories, once."""

from __future__ import annotations

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.admin import first_start
from webapp.core import db
from webapp.core.settings import Settings
from webapp.tickets.models import Category
from webapp.tickets.queries import active_categories

EMAIL = "first@example.org"


def _with_admin(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"tulay_admin_email": EMAIL, "tulay_admin_password": SecretStr("a long enough one")}
    )


def test_a_new_database_gets_an_admin_and_categories(app: Flask, settings: Settings) -> None:
    first_start.prepare(_with_admin(settings))
    admin = queries.find_user_by_email(EMAIL)
    assert admin is not None
    assert admin.role == "admin"
    assert len(active_categories()) > 3


def test_nobody_is_created_beside_others(app: Flask, settings: Settings, people: object) -> None:
    first_start.prepare(_with_admin(settings))
    assert queries.find_user_by_email(EMAIL) is None


def test_without_the_settings_there_are_categories_and_nobody(
    app: Flask, settings: Settings
) -> None:
    first_start.prepare(settings)
    assert not queries.any_user()
    assert active_categories()


def test_categories_that_were_taken_away_do_not_come_back(
    app: Flask, settings: Settings, session: Session
) -> None:
    first_start.prepare(settings)
    with db.transaction():
        session.execute(delete(Category))
    first_start.prepare(settings)
    assert not active_categories()
