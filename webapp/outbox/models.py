from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Keyed

# Not yet final: these hold their lane. `parked` holds it too, until a person decides.
OPEN_STATES = ("pending", "sending", "retrying", "held", "parked")
FINAL_STATES = ("sent", "superseded", "cancelled")


class Delivery(Keyed, Base):
    """Something leaving. Its lane's order is the order of ids; only the lowest open one of a lane is sent."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_open_lane",
            "target",
            "lane",
            "id",
            postgresql_where=text("settled_at IS NULL"),
            sqlite_where=text("settled_at IS NULL"),
        ),
        Index(
            "ix_delivery_due",
            "not_before",
            postgresql_where=text("settled_at IS NULL"),
            sqlite_where=text("settled_at IS NULL"),
        ),
        Index("ix_delivery_subject", "subject_kind", "subject_id"),
        Index("ix_delivery_state", "state", "id"),
    )

    channel: Mapped[str] = mapped_column(String(20))  # mail, push, webpush
    target: Mapped[str] = mapped_column(String(60))  # mail, connection:3: what one drain empties
    lane: Mapped[str] = mapped_column(String(80))  # link:12, ticket:7: what keeps its order
    kind: Mapped[str] = mapped_column(String(40))  # status, ticket_received …
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    summary: Mapped[str] = mapped_column(String(300))  # for people; no personal data
    payload: Mapped[
        dict[str, Any]
    ]  # what is wanted, as values; the channel makes the message of it
    revision: Mapped[int] = mapped_column(
        default=1
    )  # grows when a person edits it: a new idempotency key
    key: Mapped[str] = mapped_column(String(64), unique=True)  # random part of the idempotency key
    state: Mapped[str] = mapped_column(String(20), default="pending")
    reason: Mapped[str] = mapped_column(Text, default="")  # why it is in this state, for people
    attempt_count: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    event_id: Mapped[int | None]  # the fact that caused it
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what came back and is worth keeping

    attempts: Mapped[list[Attempt]] = relationship(
        back_populates="delivery", order_by="Attempt.n", cascade="all, delete-orphan"
    )

    @property
    def idempotency_key(self) -> str:
        """Constant over attempts, new after an edit."""
        return f"{self.key}-{self.revision}"


class Attempt(Keyed, Base):
    """One try of a delivery. Written before the call, completed after it."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (Index("ix_delivery_attempt_delivery", "delivery_id", "n", unique=True),)

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    n: Mapped[int]
    started_at: Mapped[datetime]
    duration_ms: Mapped[int | None]
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)  # redacted
    status: Mapped[int | None]  # HTTP or SMTP code
    answer: Mapped[str] = mapped_column(Text, default="")  # first 2 kB, redacted
    outcome: Mapped[str] = mapped_column(
        String(20), default=""
    )  # sent, retry, parked, held, settled, interrupted
    message: Mapped[str] = mapped_column(Text, default="")
    ambiguous: Mapped[bool] = mapped_column(
        default=False
    )  # it may have had its effect, though no answer says so

    delivery: Mapped[Delivery] = relationship(back_populates="attempts")


class Road(Base):
    """How the last calls to one target went, and how long it is left alone (core.breaker)."""

    __tablename__ = "outbox_road"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)  # mail, connection:3, pull:3
    recent: Mapped[str] = mapped_column(String(20), default="")
    trips: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]  # when people were told that it has lasted for days
