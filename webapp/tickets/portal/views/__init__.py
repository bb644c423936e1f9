from __future__ import annotations

from webapp.tickets.portal.views import building

__all__ = ["building"]
