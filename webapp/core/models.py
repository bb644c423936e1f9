from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed


class Receipt(Keyed, Base):
    """What became of a change that a device made under a key of its own, so that sent again it is not made again."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("person_id", "client_id"),)

    person_id: Mapped[int]
    client_id: Mapped[str] = mapped_column(String(64))
    deed: Mapped[str] = mapped_column(
        String(80)
    )  # what was asked for, so that no key stands for two things
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(index=True)
