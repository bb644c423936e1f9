"""What can have happened to a ticket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class TicketFact(Fact):
    subject_kind: ClassVar[str] = "ticket"
    ref: str
    title: str


@dataclass(frozen=True, kw_only=True)
class TicketCreated(TicketFact):
    """`confirm`: whether its reporter is told that it has arrived."""

    type: ClassVar[str] = "ticket.created"
    source: str
    confirm: bool = True


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
    mentioned: list[int] = field(default_factory=list)  # people whom it names


@dataclass(frozen=True, kw_only=True)
class TicketWatched(TicketFact):
    """Somebody follows it, or no longer does."""

    type: ClassVar[str] = "ticket.watched"
    internal: ClassVar[bool] = True
    user_id: int
    name: str
    watches: bool


@dataclass(frozen=True, kw_only=True)
class TicketMerged(TicketFact):
    """Another ticket stands for it from now on; or no longer."""

    type: ClassVar[str] = "ticket.merged"
    other_ref: str
    merged: bool


@dataclass(frozen=True, kw_only=True)
class TicketTookIn(TicketFact):
    """It stands for another one from now on; or no longer."""

    type: ClassVar[str] = "ticket.took_in"
    internal: ClassVar[bool] = True
    other_ref: str
    merged: bool


@dataclass(frozen=True, kw_only=True)
class TicketRelated(TicketFact):
    """Linked with another one, or no longer. `kind`: tickets.relating.kinds, as seen from this one."""

    type: ClassVar[str] = "ticket.related"
    internal: ClassVar[bool] = True
    other_ref: str
    kind: str
    linked: bool


@dataclass(frozen=True, kw_only=True)
class ChecklistChanged(TicketFact):
    """`what`: added, done, undone, moved, removed."""

    type: ClassVar[str] = "ticket.checklist_changed"
    internal: ClassVar[bool] = True
    what: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TicketRouted(TicketFact):
    """A rule of assignment handed a new ticket to a team, a person, or both. `rule`: its place in the order."""

    type: ClassVar[str] = "ticket.routed"
    internal: ClassVar[bool] = True
    rule: int
    team: str
    assignee: str
    assignee_id: int | None


@dataclass(frozen=True, kw_only=True)
class AnswerHeld(TicketFact):
    """An answer waits some seconds in which it can be called back."""

    type: ClassVar[str] = "ticket.answer_held"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AnswerCalledBack(TicketFact):
    type: ClassVar[str] = "ticket.answer_called_back"
    internal: ClassVar[bool] = True


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


@dataclass(frozen=True, kw_only=True)
class TicketListExported(Fact):
    """A list left as a file. `filters`: what it was narrowed to; subject 0, as it is about no one ticket."""

    type: ClassVar[str] = "ticket_list.exported"
    subject_kind: ClassVar[str] = "ticket_list"
    internal: ClassVar[bool] = True
    form: str  # csv, xlsx
    filters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class SavedReplyChanged(Fact):
    """Made, changed or removed. `shared`: everybody's. Its words are nobody's history: the name is told."""

    type: ClassVar[str] = "reply.changed"
    subject_kind: ClassVar[str] = "reply"
    internal: ClassVar[bool] = True
    name: str
    shared: bool
    what: str  # made, changed, removed


@dataclass(frozen=True, kw_only=True)
class TicketWithdrawn(TicketFact):
    """It is no more: the import that made it was undone before anybody touched it."""

    type: ClassVar[str] = "ticket.withdrawn"
    internal: ClassVar[bool] = True
