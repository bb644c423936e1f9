"""How often one address may try: counted in Redis, in memory where Redis is away."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp.core.settings import Settings

limiter = Limiter(
    get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True, headers_enabled=True
)


def init_app(app: Flask, settings: Settings) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_KEY_PREFIX"] = "tulay"
    limiter.init_app(app)
