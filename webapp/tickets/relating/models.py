from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed

ticket_watcher = Table(
    "ticket_watcher",
    Base.metadata,
    Column("ticket_id", BigInt, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_ticket_watcher_user", "user_id", "ticket_id"),
)


class TicketRelation(Keyed, Base):
    """`ticket_id` relates to, blocks, duplicates, or is the parent of `other_id`."""

    __tablename__ = "ticket_relation"
    __table_args__ = (
        Index("ix_ticket_relation_pair", "ticket_id", "other_id", "kind", unique=True),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # relates, blocks, duplicates, parent
    created_at: Mapped[datetime]


class ChecklistItem(Keyed, Base):
    """One thing to do on a ticket."""

    __tablename__ = "checklist_item"
    __table_args__ = (Index("ix_checklist_item_ticket", "ticket_id", "position"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(200), default="")  # as that person was called
