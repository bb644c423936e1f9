"""What can have happened to a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class TicketFact(Fact):
    subject_kind: ClassVar[str] = "ticket"
    ref: str
    title: str


@dataclass(frozen=True, kw_only=True)
class TicketCreated(TicketFact):
    type: ClassVar[str] = "ticket.created"
    source: str


@dataclass(frozen=True, kw_only=True)
class TicketStatusChanged(TicketFact):
    type: ClassVar[str] = "ticket.status_changed"
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class TicketResponded(TicketFact):
    type: ClassVar[str] = "ticket.responded"
    response_id: int
    by_reporter: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketNoted(TicketFact):
    type: ClassVar[str] = "ticket.noted"
    internal: ClassVar[bool] = True
    note_id: int


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketFact):
    type: ClassVar[str] = "ticket.assigned"
    internal: ClassVar[bool] = True
    old: str
    new: str
    assignee_id: int | None


@dataclass(frozen=True, kw_only=True)
class TicketEdited(TicketFact):
    """Other fields changed. `changes`: field → [old, new]; texts are cut to 200 characters."""

    type: ClassVar[str] = "ticket.edited"
    internal: ClassVar[bool] = True
    changes: dict[str, list[str | None]]
