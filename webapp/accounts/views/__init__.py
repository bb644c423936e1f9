"""The pages of accounts. Each module adds its routes to the one blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from webapp.accounts.views import (  # noqa: E402 - they need `bp`
    api_tokens,
    devices,
    joining,
    own,
    second_factor,
    signing_in,
)

__all__ = ["api_tokens", "bp", "devices", "joining", "own", "second_factor", "signing_in"]
