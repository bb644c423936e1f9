"""What can have happened to a job, and to those who do them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class JobFact(Fact):
    subject_kind: ClassVar[str] = "job"
    internal: ClassVar[bool] = True
    ref: str
    title: str


@dataclass(frozen=True, kw_only=True)
class JobCreated(JobFact):
    """`source`: hand, ticket, recurring, api."""

    type: ClassVar[str] = "job.created"
    source: str
    ticket_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class JobEdited(JobFact):
    """`changes`: field → [old, new]; texts are cut to 200 characters."""

    type: ClassVar[str] = "job.edited"
    changes: dict[str, list[str | None]]
    ticket_ids: list[int] = field(default_factory=list)  # that it was or is of


@dataclass(frozen=True, kw_only=True)
class JobMoved(JobFact):
    """`resolves`: whether its ticket is resolved by this."""

    type: ClassVar[str] = "job.moved"
    old: str
    new: str
    reason: str = ""
    ticket_id: int | None = None
    resolves: bool = False


@dataclass(frozen=True, kw_only=True)
class JobAssigned(JobFact):
    """`old`, `new`: names. `added`, `removed`: accounts of those who came and went."""

    type: ClassVar[str] = "job.assigned"
    old: str
    new: str
    added: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class JobNoted(JobFact):
    type: ClassVar[str] = "job.noted"
    note_id: int


@dataclass(frozen=True, kw_only=True)
class JobProved(JobFact):
    """`what`: photo, signature; or removed."""

    type: ClassVar[str] = "job.proved"
    what: str
    file_id: int


@dataclass(frozen=True, kw_only=True)
class JobItemChanged(JobFact):
    """`what`: added, done, undone, removed."""

    type: ClassVar[str] = "job.item_changed"
    what: str
    text: str


@dataclass(frozen=True, kw_only=True)
class JobPartChanged(JobFact):
    """`what`: added, used, removed. `text`: the part, and how many."""

    type: ClassVar[str] = "job.part_changed"
    what: str
    text: str


@dataclass(frozen=True, kw_only=True)
class JobDeleted(JobFact):
    type: ClassVar[str] = "job.deleted"
    ticket_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class DayOrdered(Fact):
    """Somebody set the order of a person's day by hand."""

    type: ClassVar[str] = "employee.day_ordered"
    subject_kind: ClassVar[str] = "employee"
    internal: ClassVar[bool] = True
    name: str
    user_id: int | None


@dataclass(frozen=True, kw_only=True)
class EmployeeFact(Fact):
    subject_kind: ClassVar[str] = "employee"
    internal: ClassVar[bool] = True
    name: str


@dataclass(frozen=True, kw_only=True)
class EmployeeCreated(EmployeeFact):
    type: ClassVar[str] = "employee.created"


@dataclass(frozen=True, kw_only=True)
class EmployeeEdited(EmployeeFact):
    type: ClassVar[str] = "employee.edited"
    changes: dict[str, list[Any]]


@dataclass(frozen=True, kw_only=True)
class EmployeeRemoved(EmployeeFact):
    type: ClassVar[str] = "employee.removed"


@dataclass(frozen=True, kw_only=True)
class RecurringJobChanged(Fact):
    """`what`: made, changed, removed."""

    type: ClassVar[str] = "recurring_job.changed"
    subject_kind: ClassVar[str] = "recurring_job"
    internal: ClassVar[bool] = True
    title: str
    what: str
