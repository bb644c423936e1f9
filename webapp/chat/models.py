"""Channels, who is in them, and what was said. Nothing is ever said anew: edits keep what stood there before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, BigInt, Keyed, Versioned

CHANNEL, DIRECT = "channel", "direct"


class Channel(Keyed, Versioned, Base):
    """`kind`: channel, open to all who chat unless `closed`; or direct, between the people of `pair` for good."""

    __tablename__ = "channel"

    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80), default="")
    topic: Mapped[str] = mapped_column(String(300), default="")
    closed: Mapped[bool] = mapped_column(default=False)  # only members see it, members add members
    pair: Mapped[str | None] = mapped_column(String(50), unique=True)  # "3-7"
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_id: Mapped[int] = mapped_column(BigInt, default=0)  # of its newest message

    members: Mapped[list[Member]] = relationship(
        back_populates="channel", cascade="all, delete-orphan", passive_deletes=True
    )


class Member(Base):
    """`read_id`: the last message that this person has seen."""

    __tablename__ = "channel_member"
    __table_args__ = (Index("ix_channel_member_user", "user_id"),)

    channel_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    read_id: Mapped[int] = mapped_column(BigInt, default=0)
    joined_at: Mapped[datetime]

    channel: Mapped[Channel] = relationship(back_populates="members")
    user: Mapped[User] = relationship()


class Message(Keyed, Versioned, Base):
    """`client_id`: made by the device: what is sent twice is said once. A deleted one keeps its place, empty."""

    __tablename__ = "chat_message"
    __table_args__ = (
        Index("ix_chat_message_channel", "channel_id", "id"),
        UniqueConstraint("author_id", "client_id"),
    )

    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    reply_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat_message.id", ondelete="SET NULL")
    )
    client_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    author: Mapped[User] = relationship()
    channel: Mapped[Channel] = relationship()
    reply_to: Mapped[Message | None] = relationship(remote_side="Message.id")
    files: Mapped[list[MessageFile]] = relationship(order_by="MessageFile.id")
    versions: Mapped[list[MessageVersion]] = relationship(order_by="MessageVersion.id")


class MessageVersion(Keyed, Base):
    """What a message said until `at`."""

    __tablename__ = "chat_message_version"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("chat_message.id", ondelete="CASCADE"), index=True
    )
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class MessageFile(Keyed, Base):
    __tablename__ = "chat_file"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("chat_message.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    storage_key: Mapped[str] = mapped_column(String(100))
    thumb_key: Mapped[str | None] = mapped_column(String(100))
