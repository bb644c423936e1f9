from __future__ import annotations

from webapp.tickets.portal.views import building, following

__all__ = ["building", "following"]
