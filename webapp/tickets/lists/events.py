"""What can have happened to a saved view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class ViewFact(Fact):
    subject_kind: ClassVar[str] = "view"
    internal: ClassVar[bool] = True
    name: str


@dataclass(frozen=True, kw_only=True)
class ViewSaved(ViewFact):
    type: ClassVar[str] = "view.saved"
    shared: bool


@dataclass(frozen=True, kw_only=True)
class ViewEdited(ViewFact):
    type: ClassVar[str] = "view.edited"
    changes: dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class ViewDeleted(ViewFact):
    type: ClassVar[str] = "view.deleted"
