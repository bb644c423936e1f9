"""How the parts become one application: what every process needs here, what answers requests in `pages`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, request
from flask_babel import Babel

from webapp import cli, installing
from webapp.accounts.queries import desk
from webapp.admin import first_start
from webapp.core import db, loading, page_words
from webapp.core.settings import Settings

ROOT = Path(__file__).parents[1]
LANGUAGES = ["en"]  # the first where no other is asked for


def wire(settings: Settings, *, pages: bool) -> Flask:
    app = Flask(
        "webapp", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.jinja_environment = page_words.Environment
    app.config.update(_database(settings.database_url))
    db.db.init_app(app)
    Babel(app, locale_selector=_locale, timezone_selector=_timezone)
    installing.install()
    if pages:
        from webapp import pages as served

        loading.bring_work()
        served.init_app(app, settings)
    cli.init_app(app)
    with app.app_context():
        first_start.prepare(settings)
    return app


def _database(url: str) -> dict[str, Any]:
    # A failed statement's values are people's data: they stay out of errors and logs.
    engine: dict[str, Any] = {"hide_parameters": True, "json_serializer": db.to_json_text}
    if url.startswith("sqlite:///"):
        # Flask-SQLAlchemy would look in its instance folder; we mean the folder we were started in.
        url = "sqlite:///" + str(Path(url.removeprefix("sqlite:///")).absolute())
        engine |= {
            "connect_args": {"timeout": 15, "check_same_thread": False},
            # What `schedule.measure` counted is read by new connections only.
            "pool_recycle": 1800,
        }
    else:
        from webapp.core.cursor import ShortCursor  # a desk on SQLite has no such driver loaded

        engine["connect_args"] = {"cursor_factory": ShortCursor}
    return {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": engine}


def _locale() -> Locale:
    if len(LANGUAGES) == 1 or not request:
        return _read_once(LANGUAGES[0])
    return _read_once(request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0])


_read_once = cache(Locale.parse)


def _timezone() -> str:
    user = None
    if request:
        from webapp.accounts import identity  # what runs tasks needs nothing of requests

        user = identity.person()
    return str(ZoneInfo(user.timezone if user else desk().timezone))
