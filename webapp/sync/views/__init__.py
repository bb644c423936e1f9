"""The pages of connections. Each module adds its routes to the one blueprint."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from webapp.sync.connectors import registry

bp = Blueprint("sync", __name__)

from webapp.sync.views import (  # noqa: E402 - they need `bp`
    adding,
    blank,
    deciding,
    declaring,
    mapjobs,
    measured,
    panels,
    problems,
    reconciling,
    rereading,
    running,
    runs,
    settings,
    showing,
    vanished,
)

__all__ = [
    "adding",
    "blank",
    "bp",
    "deciding",
    "declaring",
    "mapjobs",
    "measured",
    "panels",
    "problems",
    "reconciling",
    "rereading",
    "running",
    "runs",
    "settings",
    "showing",
    "vanished",
]


@bp.context_processor
def _kinds() -> dict[str, Any]:
    return {"kind_titles": {each.name: each.title for each in registry.all_declarations()}}
