"""/claims and what stands below it."""

from webapp.claims.views import (  # noqa: F401 - they add their routes
    bordereau,
    bordereaux,
    bulletin,
    bulletins,
    client,
    clients,
    complained,
    complaints,
    contract,
    duplicates,
    entry,
    overview,
    payments,
    settings,
    working,
)
from webapp.claims.views.blueprint import bp

__all__ = [
    "bp",
]
