from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed


class MailMessage(Keyed, Base):
    """One mail of ours and its Message-ID, by which answers are matched and threads are built."""

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_thread", "thread", "recipient", "id"),)

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), unique=True
    )
    thread: Mapped[str] = mapped_column(String(80))  # the delivery's lane: ticket:7:reporter
    recipient: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)  # with its angle brackets
    created_at: Mapped[datetime]
