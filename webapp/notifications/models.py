from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed, Versioned

TOAST_SECONDS = 5


class Told(Keyed, Base):
    """One person was told of one incident. Its uniqueness is what keeps a second mail from leaving."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("incident", "user_id"),)

    incident: Mapped[str] = mapped_column(String(160))  # connection:3:failing:57, digest:2026-03-02
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(index=True)


class Notice(Keyed, Base):
    """A piece of news for one person, in their bell until it is deleted or expires.

    One a person and event: what keeps doubles out. A `bunch` is many alike in one row, whose `count` grows.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        UniqueConstraint("bunch", "user_id"),
        Index("ix_notice_user", "user_id", "at", "id"),
        Index(
            "ix_notice_unread",
            "user_id",
            "expires_at",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
        Index("ix_notice_thing", "thing", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # notifications.kinds
    thing: Mapped[str] = mapped_column(String(80), default="")  # ticket:7, connection:3
    title: Mapped[str] = mapped_column(String(200), default="")  # what the thing is called
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(500), default="")  # a path of this desk
    event_id: Mapped[int | None] = mapped_column(BigInt)
    bunch: Mapped[str | None] = mapped_column(String(120))
    count: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WaitingNews(Keyed, Base):
    """A piece of news that leaves later, with all others of that person that are due then."""

    __tablename__ = "waiting_news"
    __table_args__ = (UniqueConstraint("event_id", "user_id", "channel"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[str] = mapped_column(String(10))  # mail, push
    due_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    thing: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(500), default="")
    event_id: Mapped[int | None] = mapped_column(BigInt)
    at: Mapped[datetime]


class MailedNews(Base):
    """The last mail to a person about a thing: what comes within five minutes joins it, or waits for its turn."""

    __tablename__ = "mailed_news"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    thing: Mapped[str] = mapped_column(String(80), primary_key=True)
    delivery_id: Mapped[int | None] = mapped_column(BigInt)
    at: Mapped[datetime] = mapped_column(index=True)  # when it was queued


class NoticeSettings(Versioned, Base):
    """What one person chose. `choices`: kind → ways; a kind that is missing follows the role."""

    __tablename__ = "notice_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    everything: Mapped[bool] = mapped_column(default=True)  # not only one's own and watched tickets
    toasts: Mapped[bool] = mapped_column(default=True)
    toast_seconds: Mapped[int] = mapped_column(default=TOAST_SECONDS)  # 0: until closed
    urgent_sound: Mapped[bool] = mapped_column(default=True)
    quiet: Mapped[bool] = mapped_column(default=False)
    quiet_from: Mapped[int] = mapped_column(default=22 * 60)  # minutes of the person's day
    quiet_to: Mapped[int] = mapped_column(default=7 * 60)
    digest: Mapped[str] = mapped_column(String(10), default="off")  # off, hourly, daily, weekly


class NoticeDefault(Versioned, Base):
    """What is on for people of a role who have not chosen."""

    __tablename__ = "notice_default"

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Muting(Base):
    """A thing of which a person wants to hear nothing; `mail_only`: no mail."""

    __tablename__ = "muting"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    thing: Mapped[str] = mapped_column(String(80), primary_key=True)
    mail_only: Mapped[bool] = mapped_column(default=False)


class MailRefusal(Base):
    """Somebody without an account ended the mails about a thing. `role`: reporter."""

    __tablename__ = "mail_refusal"

    thing: Mapped[str] = mapped_column(String(80), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
