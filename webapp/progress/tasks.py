"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

from webapp.core import db
from webapp.progress import actions


def reckon() -> None:
    """The leaderboard's standings, every ten minutes."""
    with db.transaction():
        actions.reckon_standings()
