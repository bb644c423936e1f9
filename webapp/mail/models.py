from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed, Versioned


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


class Mailbox(Keyed, Versioned, Base):
    """Where mail comes in: one row. Its clock, its lease and its place in the folder stand here, in SQL."""

    __tablename__ = "mailbox"

    address: Mapped[str] = mapped_column(String(254))  # the desk's own; answers go to it
    active: Mapped[bool] = mapped_column(default=False)  # whether it is fetched
    host: Mapped[str] = mapped_column(String(255), default="")
    port: Mapped[int] = mapped_column(default=993)
    security: Mapped[str] = mapped_column(String(10), default="tls")  # tls, starttls, none
    username: Mapped[str] = mapped_column(String(254), default="")
    sealed: Mapped[str] = mapped_column(Text, default="")  # the password, for this host alone
    folder: Mapped[str] = mapped_column(String(200), default="INBOX")
    done_folder: Mapped[str] = mapped_column(String(200), default="")  # "": taken mails are flagged
    interval_minutes: Mapped[int] = mapped_column(default=2)
    closed_rule: Mapped[str] = mapped_column(String(10), default="reopen")  # inbound.deciding
    closed_days: Mapped[int] = mapped_column(default=14)
    kept_days: Mapped[int] = mapped_column(default=365, server_default="365")  # 0: for ever
    uid_validity: Mapped[int | None] = mapped_column(BigInt)
    last_uid: Mapped[int] = mapped_column(BigInt, default=0)
    next_pull_at: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    error: Mapped[str] = mapped_column(Text, default="")  # of the last one, for people
    last_success_at: Mapped[datetime | None]


class InboundMail(Keyed, Base):
    """One mail that came in, whatever became of it. Its original is kept in core.storage."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        Index("ix_inbound_mail_state", "state", "id"),
        Index("ix_inbound_mail_sender", "sender", "received_at"),
        Index("ix_inbound_mail_thread", "thread", "sender", "id"),
    )

    key: Mapped[str] = mapped_column(String(64), unique=True)  # of its id and content: taken once
    message_id: Mapped[str] = mapped_column(String(260), default="")
    sender: Mapped[str] = mapped_column(String(254), default="")
    sender_name: Mapped[str] = mapped_column(String(500), default="")
    subject: Mapped[str] = mapped_column(String(500), default="")
    subject_key: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10), default="new")  # new, taken, ignored, failed
    reason: Mapped[str] = mapped_column(Text, default="")  # for people
    thread: Mapped[str] = mapped_column(String(80), default="")  # as MailMessage.thread
    ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="SET NULL"), index=True
    )
    storage_key: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInt)
    partial: Mapped[bool] = mapped_column(default=False)  # too large: only its headers are kept
    tries: Mapped[int] = mapped_column(default=0)
    answered: Mapped[bool] = mapped_column(default=False)  # by a machine of ours
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class MailBlock(Keyed, Base):
    """An address at which mail cannot arrive: none is sent there until a person lifts it."""

    __tablename__ = "mail_block"

    address: Mapped[str] = mapped_column(String(254), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
