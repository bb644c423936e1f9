from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.columns import Money
from webapp.core.db import Base, Keyed, Versioned
from webapp.core.money import USUAL


class ClaimSettings(Keyed, Versioned, Base):
    """How this desk handles claims: one row. Without `enabled` the claim side is not shown to anybody."""

    __tablename__ = "claim_settings"

    enabled: Mapped[bool] = mapped_column(default=False)
    four_eyes: Mapped[bool] = mapped_column(default=True)  # nobody pays what they validated
    # The account that transfers are made from.
    payer_name: Mapped[str] = mapped_column(String(140), default="")
    payer_iban: Mapped[str] = mapped_column(String(34), default="")
    payer_bic: Mapped[str] = mapped_column(String(11), default="")


class Client(Keyed, Versioned, Base):
    """A company whose employees are insured. It gets the transfers."""

    __tablename__ = "client"

    # What tells clients apart: their code at the upstream, or their name (in lower case) where they have none.
    natural_key: Mapped[str] = mapped_column(String(220), unique=True)
    code: Mapped[str] = mapped_column(String(80), default="", index=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    payment_days: Mapped[int | None]  # days from receipt within which its bordereaux are to be paid
    complaint_days: Mapped[int | None]
    # Where its transfers go; finance keeps these, no upstream sets them.
    account_holder: Mapped[str] = mapped_column(String(140), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    contracts: Mapped[list[Contract]] = relationship(
        back_populates="client", order_by="Contract.number"
    )


class Contract(Keyed, Versioned, Base):
    """What a client has agreed on. Its number is unique within the client."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("client_id", "number"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    ceiling: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3), default=USUAL)
    payment_days: Mapped[int | None]  # goes before the client's
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    client: Mapped[Client] = relationship(back_populates="contracts")

    def covers(self, day: date) -> bool:
        """Whether the contract was in force on `day`."""
        return not (
            (self.starts_on is not None and day < self.starts_on)
            or (self.ends_on is not None and day > self.ends_on)
        )
