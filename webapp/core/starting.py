"""What every process of the desk begins with."""

from __future__ import annotations

from webapp.core import logs
from webapp.core import settings as core_settings
from webapp.core.settings import Settings


def begin(settings: Settings | None = None) -> Settings:
    """Checked settings, the environment's if none are given, and a place for logs. Raises Misconfigured."""
    settings = settings or core_settings.load()
    core_settings.install(settings)
    logs.configure(settings.log_level)
    logs.report_errors_to(settings.sentry_dsn.get_secret_value())
    return settings
