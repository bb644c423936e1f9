"""/claims and what stands below it."""

from webapp.claims.views import settings  # noqa: F401 - they add their routes
from webapp.claims.views.blueprint import bp

__all__ = ["bp"]
