from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed
from webapp.events.types import Actor

PREVIEW, RUNNING, DONE = "preview", "running", "done"
TODO, EXCLUDED, MADE, SKIPPED = "todo", "excluded", "done", "skipped"


class Bulk(Keyed, Base):
    """One decision about many records. Its items are the list as it was when the preview was made."""

    __tablename__ = "bulk"
    __table_args__ = (Index("ix_bulk_state", "state", "touched_at"),)

    kind: Mapped[str] = mapped_column(String(40))  # bulk.kinds
    scope: Mapped[str] = mapped_column(String(60))  # whose pages show it: outbox, connection:3
    title: Mapped[str] = mapped_column(String(300))  # for people
    back: Mapped[str] = mapped_column(String(500))  # the page it was asked for on
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default=PREVIEW)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # when the last batch was done; the tick revives what stands still
    ended_at: Mapped[datetime | None]
    undoes_id: Mapped[int | None] = mapped_column(BigInt, unique=True)  # what this one takes back

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id, self.actor_name)


class BulkItem(Keyed, Base):
    """One record of the list: todo, excluded (why), done, or skipped (why)."""

    __tablename__ = "bulk_item"
    __table_args__ = (Index("ix_bulk_item_state", "bulk_id", "state", "id"),)

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk.id", ondelete="CASCADE"))
    subject_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=TODO)
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what a kind needs to take it back
