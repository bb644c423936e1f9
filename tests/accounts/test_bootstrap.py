"""The first admin comes from the environment, once."""

from __future__ import annotations

from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session

from webapp.accounts import bootstrap, queries
from webapp.core.settings import Settings

EMAIL = "first@example.org"


def _with_admin(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"tulay_admin_email": EMAIL, "tulay_admin_password": SecretStr("a long enough one")}
    )


def test_the_first_admin_is_created_when_there_is_nobody(app: Flask, settings: Settings) -> None:
    bootstrap.create_first_admin(_with_admin(settings))
    admin = queries.find_user_by_email(EMAIL)
    assert admin is not None
    assert admin.role == "admin"


def test_nobody_is_created_beside_others(app: Flask, settings: Settings, people: object) -> None:
    bootstrap.create_first_admin(_with_admin(settings))
    assert queries.find_user_by_email(EMAIL) is None


def test_nobody_is_created_without_the_settings(app: Flask, settings: Settings, session: Session) -> None:
    bootstrap.create_first_admin(settings)
    assert not queries.any_user()
