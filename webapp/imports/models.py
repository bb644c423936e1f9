from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed
from webapp.events.types import Actor

# What becomes of it. A person moves it on from matching, preview and done; a worker from the others.
READING, MATCHING, CHECKING, PREVIEW = "reading", "matching", "checking", "preview"
RUNNING, DONE, UNDOING, UNDONE, FAILED = "running", "done", "undoing", "undone", "failed"
AT_WORK = (READING, CHECKING, RUNNING, UNDOING)

CREATE, UPDATE, UNCHANGED, BAD = "create", "update", "unchanged", "bad"
TAKEN_BACK, LEFT = "undone", "left"


class Import(Keyed, Base):
    """One file of tickets on its way in. Its rows stand beside it on disk; what becomes of each in `import_row`."""

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_state", "state", "touched_at"),)

    name: Mapped[str] = mapped_column(String(200))  # the file's
    form: Mapped[str] = mapped_column(String(10))  # csv, xlsx, xls, ods
    state: Mapped[str] = mapped_column(String(10), default=READING)
    options: Mapped[dict[str, Any]]  # sheet(s), encoding, delimiter, zone, day_first, key
    columns: Mapped[list[Any]]  # heading, samples, and the different values where they are few
    mapping: Mapped[dict[str, Any]]  # column's place → field of a ticket
    words: Mapped[dict[str, Any]]  # field → word in the file → ours
    remembered: Mapped[bool] = mapped_column(default=False)  # matched as files like it were before
    counts: Mapped[dict[str, Any]]  # outcome → rows
    samples: Mapped[dict[str, Any]]  # outcome → some of the rows, for people
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0)  # who reads or checks it now
    total: Mapped[int] = mapped_column(default=0)  # rows below the headings
    handled: Mapped[int] = mapped_column(default=0)  # of what is done to it now
    place: Mapped[int] = mapped_column(BigInt, default=0)  # where the next row stands on disk
    problem: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # when it last went on; the tick revives what stands still
    ended_at: Mapped[datetime | None]

    @property
    def actor(self) -> Actor:
        return Actor("user", self.actor_id, self.actor_name)


class ImportRow(Keyed, Base):
    """What became of one row. `changes`: field → [before, after], to be taken back."""

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_outcome", "import_id", "outcome", "number"),
        Index("ix_import_row_undo", "import_id", "undo", "id"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"))
    number: Mapped[int]  # in the file
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    ticket_id: Mapped[int | None] = mapped_column(BigInt)
    changes: Mapped[dict[str, Any]]
    undo: Mapped[str | None] = mapped_column(String(10))  # "" waits, undone, left
    undo_reason: Mapped[str] = mapped_column(Text, default="")


class ImportHabit(Keyed, Base):
    """How files with these headings were matched the last time."""

    __tablename__ = "import_habit"

    headings: Mapped[str] = mapped_column(String(64), unique=True)  # their digest
    mapping: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
