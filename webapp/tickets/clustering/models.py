from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed, Versioned

OPEN, ACCEPTED, DISMISSED = "open", "accepted", "dismissed"


class Cluster(Keyed, Versioned, Base):
    """Tickets about one thing, which get one answer and one status. Dissolved, it has none any more."""

    __tablename__ = "cluster"
    __table_args__ = (Index("ix_cluster_created", "dissolved_at", "created_at", "id"),)

    ref: Mapped[str] = mapped_column(String(20), unique=True)  # C-2026-000012
    title: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))  # a name, as it was
    dissolved_at: Mapped[datetime | None]


class Suggestion(Keyed, Base):
    """Two tickets that look alike, the older key first. A dismissed one stays, so that it does not come back."""

    __tablename__ = "cluster_suggestion"
    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id", name="uq_cluster_suggestion_pair"),
        Index("ix_cluster_suggestion_other", "other_id"),
        Index("ix_cluster_suggestion_state", "state", "score", "id"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInt, ForeignKey("ticket.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(BigInt, ForeignKey("ticket.id", ondelete="CASCADE"))
    metres: Mapped[int | None]  # None: one has no coordinates; both are in one barangay
    days: Mapped[int] = mapped_column(SmallInteger)
    alike: Mapped[int] = mapped_column(SmallInteger)  # percent, by words
    score: Mapped[int] = mapped_column(SmallInteger)  # of 100, tickets.clusters
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
