"""The roll-up of runs. A run counts where it began, once it has ended. A slot is a quarter of an hour since 1970:
every zone's days and hours are whole numbers of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt


class RunTotal(Base):
    """What the runs of one connection that began in one slot came to."""

    __tablename__ = "sync_total"
    __table_args__ = (Index("ix_sync_total_slot", "slot"),)

    connection_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ok: Mapped[int] = mapped_column(default=0)
    partial: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInt, default=0)
    waited_ms: Mapped[int] = mapped_column(BigInt, default=0)


class RunShare(Base):
    """How the runs of one slot are spread: `error` by kind, `took` by milliseconds (two digits count)."""

    __tablename__ = "sync_total_share"
    __table_args__ = (Index("ix_sync_total_share_slot", "slot"),)

    connection_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
