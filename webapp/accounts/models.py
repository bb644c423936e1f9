from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.accounts.roles import Permission, permissions_of
from webapp.core.db import Base, BigInt, Keyed, Versioned
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
    epoch: Mapped[int] = mapped_column(default=1)  # grows: all of this person's devices are out
    totp_sealed: Mapped[str] = mapped_column(Text, default="")  # the second factor's secret
    totp_since: Mapped[datetime | None]  # None: it is not confirmed, and so not asked for
    totp_step: Mapped[int] = mapped_column(BigInt, default=0)  # of the last code: none counts twice
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]

    # What the token that asks may not use, whatever the role holds; of one request, not of the row.
    withheld = frozenset[Permission]()

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def actor(self) -> Actor:
        return Actor("user", self.id, self.name)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def held(self) -> frozenset[Permission]:
        """All that they may."""
        return permissions_of(self.role) - self.withheld if self.active else frozenset()

    def may(self, permission: Permission) -> bool:
        return permission in self.held


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
    signup: Mapped[str] = mapped_column(String(10), default="invited")  # accounts.joining
    signup_domains: Mapped[str] = mapped_column(Text, default="")  # with spaces between
    signup_role: Mapped[str] = mapped_column(String(20), default="reporter")
    # Roles whose people must have a second factor, with spaces between.
    factor_roles: Mapped[str] = mapped_column(String(200), default="")


class Device(Keyed, Base):
    """A browser that is signed in, or a program with its family of refresh tokens. `key` stands in its cookie."""

    __tablename__ = "device"
    __table_args__ = (Index("ix_device_user", "user_id", "last_seen_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(43), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # browser, program
    epoch: Mapped[int]  # of its person when it signed in: another one now means that it is out
    browser: Mapped[str] = mapped_column(String(40), default="")  # identity.browser_name
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    network: Mapped[str] = mapped_column(String(50), default="")  # never the whole address
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class RefreshToken(Keyed, Base):
    """One of a device's family: used once, it brings the next. Only its hash is kept."""

    __tablename__ = "refresh_token"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Keyed, Base):
    """A person's token for a program of theirs: shown once, kept as a hash."""

    __tablename__ = "api_token"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[str] = mapped_column(String(40))  # of accounts.scopes, with spaces between
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RecoveryCode(Keyed, Base):
    """Stands in for the second factor, once. Only its hash is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class AccountLink(Keyed, Base):
    """A link that was mailed: an invitation, a sign-up to be confirmed, a new password. It opens once, for a while."""

    __tablename__ = "account_link"
    __table_args__ = (Index("ix_account_link_email", "email", "kind"),)

    kind: Mapped[str] = mapped_column(String(10))  # invite, signup, reset
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20), default="")
    user_id: Mapped[int | None] = mapped_column(  # whose password; who came of it
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    created_by: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # withdrawn, or replaced by a newer one


class Tries(Keyed, Base):
    """Wrong passwords and codes in a row, of an e-mail (known here or not) or a network."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    failures: Mapped[int]
    wait_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)
