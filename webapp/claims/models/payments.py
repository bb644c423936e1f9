from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.claims.models.claims import Bulletin
from webapp.claims.models.parties import Client
from webapp.core.columns import Money
from webapp.core.db import Base, Keyed, Versioned
from webapp.core.money import USUAL

# A payment that was rejected frees its bulletin; every other one holds it.
_LIVE = text("state <> 'rejected'")


class PaymentBatch(Keyed, Versioned, Base):
    """One bank transfer order: payments to one client, moved together."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        Index("ix_payment_batch_state", "state", "id"),
        Index("ix_payment_batch_client", "client_id", "id"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)  # P-2026-000012
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="RESTRICT"))
    currency: Mapped[str] = mapped_column(String(3), default=USUAL)
    state: Mapped[str] = mapped_column(String(20))  # claims.states: PAYMENT_STATES
    total: Mapped[Decimal] = mapped_column(Money)  # of its live payments
    count: Mapped[int]
    planned_on: Mapped[date | None]  # when the bank is to transfer it
    # The bank's *virement* reference; unique, so that one transfer cannot stand for two batches.
    reference: Mapped[str | None] = mapped_column(String(80), unique=True)
    created_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_by: Mapped[str] = mapped_column(String(200))
    processed_by: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    client: Mapped[Client] = relationship()
    payments: Mapped[list[Payment]] = relationship(back_populates="batch", order_by="Payment.id")


class Payment(Keyed, Versioned, Base):
    """What is paid for one bulletin. The database allows one live payment a bulletin, whoever asks."""

    __tablename__ = "payment"
    __table_args__ = (
        Index(
            "uq_payment_live",
            "bulletin_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        CheckConstraint("amount > 0", name="positive"),
        Index("ix_payment_paid", "paid_on", "state"),
    )

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("payment_batch.id", ondelete="RESTRICT"), index=True
    )
    bulletin_id: Mapped[int] = mapped_column(
        ForeignKey("bulletin.id", ondelete="RESTRICT"), index=True
    )
    amount: Mapped[Decimal] = mapped_column(Money)
    state: Mapped[str] = mapped_column(String(20))
    paid_on: Mapped[date | None]
    bank_text: Mapped[str] = mapped_column(String(300), default="")  # why the bank rejected it
    processed_by: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    batch: Mapped[PaymentBatch] = relationship(back_populates="payments")
    bulletin: Mapped[Bulletin] = relationship()
