"""The place in a pull, as it is saved with each page: a window, a phase, a position. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

# In this order: records that had to wait, the list, open records where changes are not listed, and what belongs to
# the records that have changed.
REREAD, LIST, REPOLL, CHILDREN = "reread", "list", "repoll", "children"
MOST_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Cursor:
    """`position` is the engine's, None at the beginning of the list; `after_id`: the last link re-read.

    `newest`, `rows` and `bad` are those of the whole window, over all the runs that it takes.
    """

    since: datetime | None
    until: datetime
    phase: str = REREAD
    position: dict[str, Any] | None = None
    after_id: int = 0
    newest: datetime | None = None
    rows: int = 0
    bad: int = 0
    restarts: int = 0
    began: int = 0  # the number of the window's first page
    asked: str = ""  # Connection.reread_from, where a person had it read anew

    def to_json(self) -> dict[str, Any]:
        found = asdict(self)
        for name in ("since", "until", "newest"):
            found[name] = found[name].isoformat() if found[name] else None
        return found

    @classmethod
    def from_json(cls, saved: Mapping[str, Any] | None) -> Cursor | None:
        """None where nothing usable was saved."""
        if not saved or not saved.get("until"):
            return None
        times = {
            name: datetime.fromisoformat(saved[name]) if saved.get(name) else None
            for name in ("since", "until", "newest")
        }
        return cls(**{**saved, **times})

    def counted(self, *, newest: datetime | None, rows: int, bad: int) -> Cursor:
        latest = max((moment for moment in (self.newest, newest) if moment), default=None)
        return replace(self, newest=latest, rows=self.rows + rows, bad=self.bad + bad)

    def in_phase(self, phase: str) -> Cursor:
        return replace(self, phase=phase, position=None, after_id=0)

    def restarted(self) -> Cursor:
        """The list from the beginning of its window, after the upstream forgot its place."""
        return replace(self, phase=LIST, position=None, restarts=self.restarts + 1)

    def watermark(self, present: datetime | None) -> datetime | None:
        """After a fully drained window: forward only, and never beyond its end."""
        if self.newest is None:
            return present
        reached = min(self.newest, self.until)
        return reached if present is None else max(present, reached)
