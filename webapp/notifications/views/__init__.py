"""The bell, what people want to hear of, and the link in a mail that ends it."""

from __future__ import annotations

from webapp.notifications.views import bell, choosing, unsubscribing
from webapp.notifications.views.blueprint import bp

__all__ = ["bell", "bp", "choosing", "unsubscribing"]
