"""Tulay: an operations desk that stays in step with the systems its work comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import Babel
from flask_compress import Compress
from flask_login import current_user
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.core import db, logs, web
from webapp.core import settings as core_settings
from webapp.core.settings import Settings

ROOT = Path(__file__).parents[1]
LARGEST_REQUEST = 100 * 1024 * 1024
LARGEST_TEXT_PART = 4 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The application, wired. Without `settings` they come from the environment."""
    from webapp import cli, reactions, routes
    from webapp.accounts import guards, limits
    from webapp.admin import first_start

    settings = settings or cli.settings_for_command() or core_settings.load()
    core_settings.install(settings)
    logs.configure(settings.log_level)
    logs.report_errors_to(settings.sentry_dsn.get_secret_value())
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.update(_flask_config(settings))
    db.db.init_app(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    CSRFProtect(app)
    Compress(app)
    Babel(app, locale_selector=_locale, timezone_selector=_timezone)
    web.init_app(app)
    guards.init_app(app)
    limits.init_app(app, settings)
    routes.init_app(app)
    reactions.install()
    cli.init_app(app)
    _believe_the_proxy(app, settings)
    with app.app_context():
        first_start.prepare(settings)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    https = settings.base_url.startswith("https://")
    url = settings.database_url
    # A failed statement's values are people's data: they stay out of errors and logs.
    usual = {"hide_parameters": True, "json_serializer": db.to_json_text}
    engine: dict[str, Any] = {"pool_pre_ping": True, **usual}
    if url.startswith("sqlite:///"):
        # Flask-SQLAlchemy would look in its instance folder; we mean the folder we were started in.
        url = "sqlite:///" + str(Path(url.removeprefix("sqlite:///")).absolute())
        engine = {
            "connect_args": {"timeout": 15, "check_same_thread": False},
            **usual,
        }
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": "tulay_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "PERMANENT_SESSION_LIFETIME": 14 * 86_400,
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over night must not lose what was typed
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_TEXT_PART,
        # Not text/event-stream: a compressor would hold live events back.
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "image/svg+xml",
        ],
        "COMPRESS_STREAMS": False,
    }


def _locale() -> str:
    return request.accept_languages.best_match(["en"]) or "en" if request else "en"


def _timezone() -> str:
    from webapp.accounts.queries import desk

    zone = (
        current_user.timezone if current_user and current_user.is_authenticated else desk().timezone
    )
    return str(ZoneInfo(zone))


def _believe_the_proxy(app: Flask, settings: Settings) -> None:
    if settings.base_url.startswith("https://"):
        # Behind one proxy that ends TLS: believe its word on address and scheme, and no second one's.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
