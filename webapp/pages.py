"""What an app needs to answer requests: sessions, guards, limits, the site map. Tasks run without it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import routes
from webapp.accounts import guards, limits
from webapp.core import api, web
from webapp.core.settings import Settings

LARGEST_REQUEST = 100 * 1024 * 1024
LARGEST_TEXT_PART = 4 * 1024 * 1024


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(_config(settings))
    CSRFProtect(app)
    Compress(app)
    web.init_app(app)
    guards.init_app(app)
    limits.init_app(app, settings)
    api.init_app(app)
    routes.init_app(app)
    _believe_the_proxy(app, settings)


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SESSION_COOKIE_NAME": "tulay_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": 14 * 86_400,
        "SESSION_REFRESH_EACH_REQUEST": False,  # no cookie with every picture
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over night must not lose what was typed
        "WTF_CSRF_CHECK_DEFAULT": False,  # accounts.guards does, where it knows who asks and how
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_TEXT_PART,
        # Not text/event-stream: a compressor would hold live events back.
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "application/problem+json",
            "image/svg+xml",
        ],
        "COMPRESS_STREAMS": False,
        "COMPRESS_ZSTD_LEVEL": 1,  # a twentieth more bytes, for half the time
    }


def _believe_the_proxy(app: Flask, settings: Settings) -> None:
    if settings.base_url.startswith("https://"):
        # Behind one proxy that ends TLS: believe its word on address and scheme, and no second one's.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
