from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed

LONGEST_ENDPOINT = 1000


class PushDevice(Keyed, Base):
    """One browser of one person that takes notifications. Its endpoint is a secret address at its push service."""

    __tablename__ = "push_device"

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    endpoint: Mapped[str] = mapped_column(String(LONGEST_ENDPOINT), unique=True)
    p256dh: Mapped[str] = mapped_column(String(100))  # the browser's key, base64url
    auth: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(100))  # our public key, for which it was made
    browser: Mapped[str] = mapped_column(
        String(40), index=True
    )  # accounts.identity.browser_name of its session
    label: Mapped[str] = mapped_column(String(120))  # Firefox on Android
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PushKey(Keyed, Base):
    """The pair of keys by which push services know this desk (VAPID): one row, made when it is first needed."""

    __tablename__ = "push_key"

    public: Mapped[str] = mapped_column(String(100))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
