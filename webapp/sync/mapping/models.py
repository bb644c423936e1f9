from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed


class DeclarationVersion(Keyed, Base):
    """A connection's declaration as somebody saved it. Never changed; going back to one writes a new one."""

    __tablename__ = "declaration_version"
    __table_args__ = (UniqueConstraint("connection_id", "n"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    n: Mapped[int]  # counts from 1 in each connection
    text: Mapped[str] = mapped_column(Text)  # YAML
    diff: Mapped[str] = mapped_column(Text, default="")  # unified, against the one before
    how: Mapped[str] = mapped_column(String(20))  # built_in, edited, imported, rolled_back
    source_n: Mapped[int | None]  # the version that was gone back to
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class MappingJob(Keyed, Base):
    """A declaration tried on every record, in the background: a dry run fetches and changes nothing,
    an application reads the stored payloads again and changes ours."""

    __tablename__ = "mapping_job"
    __table_args__ = (Index("ix_mapping_job_connection", "connection_id", "id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # dry_run, apply
    state: Mapped[str] = mapped_column(String(20))  # queued, running, ok, partial, failed
    token: Mapped[str] = mapped_column(String(40), default="")  # of the worker that runs it
    by: Mapped[str] = mapped_column(String(200))
    most_pages: Mapped[int] = mapped_column(default=0)  # dry run
    pages: Mapped[int] = mapped_column(default=0)
    records: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]  # how many there are, where it is known
    place: Mapped[int] = mapped_column(default=0)  # application: the last link that was read again
    # By kind of record: what became or would become of how many; why how many cannot be read.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unmapped: Mapped[list[Any]] = mapped_column(default=list)  # [kind, field, value, records]
    error: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    alive_at: Mapped[datetime]  # the worker's last word
    ended_at: Mapped[datetime | None]

    @property
    def is_over(self) -> bool:
        return self.state not in ("queued", "running")
