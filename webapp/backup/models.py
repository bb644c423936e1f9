from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed

RUNNING, DONE, FAILED = "running", "done", "failed"


class Backup(Keyed, Base):
    """One that was made, or tried, by itself."""

    __tablename__ = "backup"

    name: Mapped[str] = mapped_column(String(100), unique=True)  # the file's
    state: Mapped[str] = mapped_column(String(10), default=RUNNING)
    size: Mapped[int | None] = mapped_column(BigInt)  # bytes
    problem: Mapped[str] = mapped_column(Text, default="")
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
