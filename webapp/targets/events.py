"""What became of deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.tickets.events import TicketFact


@dataclass(frozen=True, kw_only=True)
class TicketDeadlineNear(TicketFact):
    """`kind`: response or resolution; `deadline`: ISO, UTC."""

    type: ClassVar[str] = "ticket.deadline_near"
    internal: ClassVar[bool] = True
    kind: str
    deadline: str


@dataclass(frozen=True, kw_only=True)
class TicketDeadlineMissed(TicketFact):
    type: ClassVar[str] = "ticket.deadline_missed"
    internal: ClassVar[bool] = True
    kind: str
    deadline: str
