from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed


class Told(Keyed, Base):
    """One person was told of one incident. Its uniqueness is what keeps a second mail from leaving."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("incident", "user_id"),)

    incident: Mapped[str] = mapped_column(String(160))  # connection:3:failing:57, digest:2026-03-02
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(index=True)
