"""What the parts of a pull share: whose records these are, and the count of what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from webapp.events.types import Actor
from webapp.sync.subjects import Checked, Subject
from webapp.sync.values import child_field

COUNTERS = ("created", "updated", "unchanged", "deferred", "skipped", "quarantined")


@dataclass(frozen=True, slots=True)
class Scope:
    """Plain values of one connection, so that no row is held over a page."""

    connection_id: int
    name: str
    subject: Subject  # the kind of record that theirs are here
    kind: str = "report"  # and there
    run_id: int | None = None
    pushed: Mapping[str, str] = field(default_factory=dict)  # field → the push call that carries it
    again: frozenset[str] = (
        frozenset()
    )  # of those, what is sent once more where a pull finds it to differ
    # field → value of ours → how it reads after a way there and back (connections.Access.projection)
    projection: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)  # field → who decides, where it is said
    skew: float | None = None  # their clock minus ours in seconds
    # Whether what a run has not seen means something; where it does not, nobody writes down what it has.
    marks_seen: bool = True
    # The kinds of records that belong to one of these and are read after it; the one that these belong to.
    children: tuple[str, ...] = ()
    parent_link: int | None = None
    parent_local: int | None = None
    lists_all: bool = (
        False  # each complete list shows every record, and one can be asked for by its id
    )

    @property
    def actor(self) -> Actor:
        return Actor("connection", self.connection_id, self.name)

    def value_field(self, field: str) -> str:
        """The field as decided values are kept for it: children's by their kind as well."""
        return child_field(self.kind, field) if self.parent_link is not None else field

    def reads_as(self, field: str, value: Any) -> Any:
        known = self.projection.get(field)
        return value if known is None else known.get(value, value)

    def new(self, external_id: str, fields: Mapping[str, Any]) -> Checked:
        """The fields as a new record of ours takes them. Raises pydantic.ValidationError."""
        return self.subject.check_new(
            fields,
            source=self.source,
            source_name=self.name,
            external_id=external_id,
            parent=self.parent_local,
        )

    def new_together(self, records: Mapping[str, Mapping[str, Any]]) -> Sequence[Checked] | None:
        """As `new` for records by their external ids, where none of them wants a closer look; else None."""
        if self.parent_local is not None:
            return None
        return self.subject.check_new_together(records, source=self.source, source_name=self.name)

    @property
    def source(self) -> str:
        return f"connection:{self.connection_id}"


@dataclass(slots=True)
class Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deferred: int = 0
    skipped: int = 0
    quarantined: int = 0
    newest: datetime | None = None  # the latest update time among rows that are in step now

    @property
    def fetched(self) -> int:
        return sum(getattr(self, name) for name in COUNTERS)

    def counts(self) -> dict[str, int]:
        found = asdict(self)
        return {name: found[name] for name in COUNTERS} | {"fetched": self.fetched}

    def saw(self, moment: datetime | None) -> None:
        if moment is not None and (self.newest is None or moment > self.newest):
            self.newest = moment

    def __iadd__(self, other: Tally) -> Tally:
        for name in COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.saw(other.newest)
        return self
