"""What sync needs to know of a kind of local record. Pulls, pushes and comparisons know nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select

from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.sync.values import Canonical

Local = Any  # a row of the subject's own model; all have `id` and `version`
Checked = Any  # values in the subject's own input model, one attribute a field


@dataclass(frozen=True, slots=True)
class Face:
    """How a record is called on sync's pages, and where its own page is (endpoint and values for url_for)."""

    ref: str
    title: str
    endpoint: str
    values: Mapping[str, Any]


class Subject(Protocol):
    """One kind of local record. Its `kind` is what Link.local_kind, a declaration's `target` and the
    subject_kind of its events say; what a mapping may fill of it stands in TARGET_FIELDS."""

    @property
    def kind(self) -> str: ...

    @property
    def additive(self) -> frozenset[str]:
        """Fields to which is only ever added, so that ours holds all of theirs."""
        ...

    @property
    def personal(self) -> frozenset[str]:
        """Fields whose values stand in no summary."""
        ...

    @property
    def told(self) -> Mapping[str, tuple[str, ...]]:
        """Field of ours → fields that keep the upstream's own words for it, which follow a push of it."""
        ...

    # Values

    def check(self, fields: Mapping[str, Any]) -> Checked:
        """The fields as such a record takes them. Raises pydantic.ValidationError."""
        ...

    def check_new(
        self,
        fields: Mapping[str, Any],
        *,
        source: str,
        source_name: str,
        external_id: str,
        parent: int | None = None,
    ) -> Checked:
        """As `check`, for a record that is to be made, with where it comes from. `parent`: the key of ours that it
        belongs to, where it belongs to one."""
        ...

    def check_new_together(
        self, records: Mapping[str, Mapping[str, Any]], *, source: str, source_name: str
    ) -> Sequence[Checked] | None:
        """As `check_new` for records by their external ids, where none of them wants a closer look; else None."""
        ...

    def canonical(self, checked: Checked) -> Canonical:
        """What the upstream says, as far as it says it."""
        ...

    def began_as(self, checked: Checked) -> Canonical:
        """As `canonical` for a record just made, with what it began with where the upstream said nothing."""
        ...

    def reported_at(self, checked: Checked) -> datetime | None:
        """By which new ones are put in order."""
        ...

    def is_open(self, fields: Mapping[str, Any]) -> bool:
        """Whether more is to be expected of a record that the upstream shows so."""
        ...

    def connected(self, *, actor: Actor) -> None:
        """An upstream of such records was added: what this desk needs for them is there from now on."""
        ...

    # Rows

    def create(self, checked: Sequence[Checked], *, actor: Actor) -> list[int]:
        """One new record for each, in their order, with few statements; their keys."""
        ...

    def load(
        self, ids: Sequence[int], *, fresh: bool = False, lock: bool = False
    ) -> dict[int, Local]:
        """id → row. `fresh`: as it is in the database now; `lock`: fresh, and nobody else changes it now."""
        ...

    def present(self, local: Local, fields: Sequence[str]) -> Canonical:
        """The record's values of those fields, the additive ones apart."""
        ...

    def gathered(self, ids: Sequence[int]) -> dict[int, Canonical]:
        """id → its values of the additive fields, as far as they came from upstreams."""
        ...

    def update(self, local: Local, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
        """Take `values` (checked or canonical) in the actor's name, with their events; the fields that changed."""
        ...

    def move(self, local: Local, parent: int, *, actor: Actor) -> None:
        """It belongs to our record `parent` now, as it does there."""
        ...

    def usual_owner(self, local: Local, field: str) -> str:
        """Who decides where both sides have changed it and the mapping does not say (merge.LOCAL, UPSTREAM)."""
        ...

    def oldest(self, ids: Select[int]) -> datetime | None:
        """When the oldest of those records was reported."""
        ...

    def holding(self, field: str, theirs: str) -> Select[int] | None:
        """The ids of records that keep this word of the upstream's for the field; None where none is kept."""
        ...

    def numbered(self, number: str) -> Select[int]:
        """The ids of records that people know by this number."""
        ...

    # History

    def fact_types(self, field: str = "") -> tuple[str, ...]:
        """Types of the events that tell that fields (or this one) have changed."""
        ...

    def changed_in(self, event: Event) -> Sequence[str]:
        """The fields that this event tells of."""
        ...

    # Words

    def face(self, local: Local) -> Face: ...

    def counted(self, number: int) -> str:
        """So many of them: 12 bordereaux."""
        ...

    def label(self, field: str) -> str:
        """The field as it is called on pages."""
        ...

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """(value, word) of a field whose values are a closed list; empty for any other."""
        ...
