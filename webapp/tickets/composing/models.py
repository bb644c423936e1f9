from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed


class SavedReply(Keyed, Base):
    """Words that are used again and again, with places to fill in. Without an owner: everybody's."""

    __tablename__ = "saved_reply"

    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)


class Draft(Keyed, Base):
    """What one person has begun to write on one ticket."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_user", "user_id", "ticket_id", unique=True),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    mode: Mapped[str] = mapped_column(String(10), default="answer")  # answer, note
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="")  # to be set with the answer
    seen_response_id: Mapped[int] = mapped_column(BigInt, default=0)  # the newest when it was begun
    updated_at: Mapped[datetime]


class Sending(Keyed, Base):
    """An answer that its author can still call back. In a table of its own: no reporter can see one by mistake."""

    __tablename__ = "sending"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    files: Mapped[list[Any]] = mapped_column(default=list)  # tickets.attachments.StoredFile
    status: Mapped[str] = mapped_column(String(20), default="")  # set with it, unless …
    seen_status: Mapped[str] = mapped_column(String(20), default="")  # … this is no longer so
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)
    created_at: Mapped[datetime]
    release_at: Mapped[datetime] = mapped_column(index=True)
