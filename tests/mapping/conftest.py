"""A pulled MyNaga connection and an admin's browser, as the pages of connections have them."""

from __future__ import annotations

from tests.sync_pages.conftest import admin, connect, naga

__all__ = ["admin", "connect", "naga"]
