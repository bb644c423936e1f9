from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed, Versioned
from webapp.tickets.states import NORMAL


class PublicForm(Keyed, Versioned, Base):
    """A form at /report/<slug>: what it asks besides the usual, and what its tickets begin with."""

    __tablename__ = "public_form"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    questions: Mapped[list[Any]] = mapped_column(default=list)  # of portal.questions.Question
    stops: Mapped[dict[str, Any]] = mapped_column(default=dict)  # category → message
    tags: Mapped[list[Any]] = mapped_column(default=list)  # names
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    priority: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)


class Follower(Keyed, Base):
    """Somebody who follows another person's ticket by mail, once they confirmed their address."""

    __tablename__ = "ticket_follower"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    token: Mapped[str] = mapped_column(
        String(43), unique=True
    )  # unguessable, in /following/<token>
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Upload(Keyed, Base):
    """A file that waits for the rest of its form to be right. Forgotten when it never is."""

    __tablename__ = "upload"

    storage_key: Mapped[str] = mapped_column(String(64))
    thumb_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)
