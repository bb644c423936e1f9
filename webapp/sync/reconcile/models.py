from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed

RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
FIELD, THERE, HERE = "field", "missing_there", "missing_here"
ALL, OPEN = "all", "open"


class Comparison(Keyed, Base):
    """One comparison of the two sides. Where it goes on stands here, saved with each batch."""

    __tablename__ = "comparison"
    __table_args__ = (Index("ix_comparison_connection", "connection_id", "id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    extent: Mapped[str] = mapped_column(String(10))  # all, open
    started_by: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default=RUNNING)
    phase: Mapped[str] = mapped_column(String(10))  # list (theirs), links (ours), children
    position: Mapped[dict[str, Any] | None]  # the engine's, in the list
    until: Mapped[datetime]  # of the list's window
    after_link: Mapped[int] = mapped_column(default=0)  # the last link asked for by its id
    next_at: Mapped[datetime]  # not before then: just begun, asked to wait, or a stumble
    stumbles: Mapped[int] = mapped_column(default=0)  # in a row
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0)  # linked records when it began
    compared: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    busy: Mapped[int] = mapped_column(default=0)  # changed while they were being compared
    unreadable: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")  # for people
    advice: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Drift(Keyed, Base):
    """One difference: a field with both values, or a record that one side lacks."""

    __tablename__ = "drift"
    __table_args__ = (Index("ix_drift_comparison", "comparison_id", "state", "field", "id"),)

    comparison_id: Mapped[int] = mapped_column(ForeignKey("comparison.id", ondelete="CASCADE"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"))
    record_kind: Mapped[str] = mapped_column(String(30), default="report")
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("link.id", ondelete="CASCADE"), index=True
    )  # the link that it belongs to
    external_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # field, missing_there, missing_here
    field: Mapped[str] = mapped_column(String(40), default="")
    moved: Mapped[str] = mapped_column(String(10), default="")  # theirs, ours, both: since the base
    ours: Mapped[Any] = mapped_column(JSON)
    theirs: Mapped[Any] = mapped_column(JSON)  # or the whole record that is missing here
    base: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), default="open")  # open, taken, kept, repaired
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]
