"""The pages of accounts. Each module adds its routes to the one blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from webapp.accounts.views import devices, own, signing_in  # noqa: E402 - they need `bp`

__all__ = ["bp", "devices", "own", "signing_in"]
