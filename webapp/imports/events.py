"""What can have happened to an import as a whole; what became of each ticket, its own events tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class ImportFact(Fact):
    subject_kind: ClassVar[str] = "import"
    internal: ClassVar[bool] = True
    name: str  # the file's


@dataclass(frozen=True, kw_only=True)
class ImportStarted(ImportFact):
    type: ClassVar[str] = "import.started"
    rows: int


@dataclass(frozen=True, kw_only=True)
class ImportDone(ImportFact):
    type: ClassVar[str] = "import.done"
    created: int
    updated: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class ImportUndone(ImportFact):
    type: ClassVar[str] = "import.undone"
    undone: int
    left: int
