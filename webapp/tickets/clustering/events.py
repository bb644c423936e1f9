"""What can have happened to a cluster. That a ticket came in or went out is a TicketEdited of that ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact
from webapp.tickets.events import TicketFact


@dataclass(frozen=True, kw_only=True)
class ClusterFact(Fact):
    subject_kind: ClassVar[str] = "cluster"
    internal: ClassVar[bool] = True
    ref: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ClusterCreated(ClusterFact):
    type: ClassVar[str] = "cluster.created"
    tickets: int


@dataclass(frozen=True, kw_only=True)
class ClusterEdited(ClusterFact):
    type: ClassVar[str] = "cluster.edited"
    changes: dict[str, list[str | None]]


@dataclass(frozen=True, kw_only=True)
class ClusterAnswered(ClusterFact):
    """One answer, one status, or both, for `tickets` of it at once; each has its own facts besides."""

    type: ClassVar[str] = "cluster.answered"
    tickets: int


@dataclass(frozen=True, kw_only=True)
class ClusterDissolved(ClusterFact):
    type: ClassVar[str] = "cluster.dissolved"
    tickets: int


@dataclass(frozen=True, kw_only=True)
class SuggestionDismissed(TicketFact):
    """Somebody decided that the ticket and `other` are not about one thing."""

    type: ClassVar[str] = "ticket.suggestion_dismissed"
    internal: ClassVar[bool] = True
    other: str
