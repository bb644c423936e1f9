from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_login import UserMixin
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.accounts.roles import Permission, permissions_of
from webapp.core.db import Base, Keyed, Versioned
from webapp.events.types import Actor


class User(UserMixin, Keyed, Versioned, Base):
    """A person with an account. Reporters need none."""

    __tablename__ = "user_account"

    email: Mapped[str] = mapped_column(String(254), unique=True)  # kept in lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Manila")
    shortcuts: Mapped[bool] = mapped_column(default=True)  # single keys do something
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=1)  # grows: all of this person's sessions end
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]

    def get_id(self) -> str:
        return f"{self.id}.{self.epoch}"

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def actor(self) -> Actor:
        return Actor("user", self.id, self.name)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def may(self, permission: Permission) -> bool:
        return self.active and permission in permissions_of(self.role)


class Desk(Keyed, Versioned, Base):
    """The organisation that runs this desk: one row."""

    __tablename__ = "desk"

    name: Mapped[str] = mapped_column(String(120), default="Tulay")
    intro: Mapped[str] = mapped_column(Text, default="")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Manila")
    public_reports: Mapped[bool] = mapped_column(default=True)
    tiles_url: Mapped[str] = mapped_column(
        Text, default=""
    )  # of the map; without, it is plain ground
    tiles_credit: Mapped[str] = mapped_column(String(200), default="")
    large_import: Mapped[int] = mapped_column(
        default=500
    )  # so many new tickets of one run are worth a mail
    # So long an answer can be called back before it leaves; 0: it leaves at once.
    undo_send_s: Mapped[int] = mapped_column(default=15)
