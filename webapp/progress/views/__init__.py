"""/progress and /leaderboard: everybody's own pages."""

from webapp.progress.views import entries, feed, leaderboard, overview, portfolio
from webapp.progress.views.blueprint import bp

__all__ = ["bp", "entries", "feed", "leaderboard", "overview", "portfolio"]
