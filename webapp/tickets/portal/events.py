from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.tickets.events import TicketFact


@dataclass(frozen=True, kw_only=True)
class TicketFollowed(TicketFact):
    """Somebody asked to hear what becomes of another person's ticket. Their address stands in the follower's row."""

    type: ClassVar[str] = "ticket.followed"
    internal: ClassVar[bool] = True
    follower_id: int
