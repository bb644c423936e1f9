"""The pages of the desk itself. Each module adds its routes to the one blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("admin", __name__)

from webapp.admin.views import (  # noqa: E402 - they need `bp`
    access,
    health,
    home,
    mail,
    many,
    outbox,
    people,
    rules,
    settings,
    tags,
    teams,
)

__all__ = [
    "access",
    "bp",
    "health",
    "home",
    "mail",
    "many",
    "outbox",
    "people",
    "rules",
    "settings",
    "tags",
    "teams",
]
