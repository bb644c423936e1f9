from __future__ import annotations

from flask import Blueprint

bp = Blueprint("fieldwork_api", __name__, url_prefix="/api")
