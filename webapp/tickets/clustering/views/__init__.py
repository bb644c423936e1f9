from __future__ import annotations

from webapp.tickets.clustering.views import answering, clusters

__all__ = ["answering", "clusters"]
