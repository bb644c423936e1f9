"""The JSON API of accounts (docs/api.md). Each module adds its routes to the one blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("auth_api", __name__, url_prefix="/api/auth")

from webapp.accounts.api import auth, devices, second_factor, tokens  # noqa: E402 - they need `bp`

__all__ = ["auth", "bp", "devices", "second_factor", "tokens"]
