"""How often one address may try: counted in Redis, in memory where Redis is away."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp.core.settings import Settings


class _OfMarkedRoutes(Limiter):
    """Only routes with a limit of their own have one, and those ask by themselves: the rest need not be looked up."""

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _OfMarkedRoutes(
    get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True, headers_enabled=True
)


def init_app(app: Flask, settings: Settings) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_KEY_PREFIX"] = "tulay"
    limiter.init_app(app)
