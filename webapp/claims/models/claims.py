from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.claims.models.parties import Client, Contract
from webapp.core.columns import Money
from webapp.core.db import Base, Keyed, Versioned
from webapp.core.money import USUAL, ZERO
from webapp.tickets.models import Ticket

_MISMATCH = text("total <> items_total")
_CHANGED = text("payable <> validated_payable")


class Bordereau(Keyed, Versioned, Base):
    """A batch of bulletins that came in together. Its status is derived from them (states.py)."""

    __tablename__ = "bordereau"
    __table_args__ = (
        Index("ix_bordereau_received", "received_on", "id"),
        Index("ix_bordereau_status_received", "status", "received_on", "id"),
        Index("ix_bordereau_client_received", "client_id", "received_on", "id"),
        Index("ix_bordereau_due", "due_on", "status"),
    )

    reference: Mapped[str] = mapped_column(
        String(80), index=True
    )  # the upstream's, shown to people
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="RESTRICT"))
    contract_id: Mapped[int | None] = mapped_column(
        ForeignKey("contract.id", ondelete="RESTRICT"), index=True
    )
    provider: Mapped[str] = mapped_column(String(200), default="")
    received_on: Mapped[date]
    payment_days: Mapped[int | None]  # its own delay where the upstream names one
    due_on: Mapped[date]  # received_on and the delay that counts; kept so that lists can ask for it
    status: Mapped[str] = mapped_column(String(20))  # claims.states
    status_is_ours: Mapped[bool] = mapped_column(default=False)  # as Ticket.status_is_ours
    external_status: Mapped[str] = mapped_column(String(200), default="")
    bulletin_count: Mapped[int | None]  # as the upstream says
    total: Mapped[Decimal | None] = mapped_column(Money)  # as the upstream says
    currency: Mapped[str] = mapped_column(String(3), default=USUAL)
    source: Mapped[str] = mapped_column(String(30), index=True)  # connection:<id>
    source_name: Mapped[str] = mapped_column(String(120), default="")
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    client: Mapped[Client] = relationship()
    contract: Mapped[Contract | None] = relationship()


class Bulletin(Keyed, Versioned, Base):
    """One claim (*bulletin de soin*): what a member paid for care, and what of it is paid back."""

    __tablename__ = "bulletin"
    __table_args__ = (
        Index("ix_bulletin_created", "created_at", "id"),
        Index("ix_bulletin_status_created", "status", "created_at", "id"),
        # What a client comes to, and all of them, are read from here alone.
        Index(
            "ix_bulletin_client_status",
            "client_id",
            "status",
            "currency",
            "total",
            "payable",
            "validated_amount",
        ),
        # What a bordereau comes to is read from here alone.
        Index("ix_bulletin_bordereau_status", "bordereau_id", "status", "total", "payable"),
        Index("ix_bulletin_bordereau", "bordereau_id", "id"),
        Index("ix_bulletin_care", "care_date", "id"),
        # The sums above the list are read from here alone.
        Index("ix_bulletin_sums", "status", "currency", "total", "payable", "validated_amount"),
        Index("ix_bulletin_changed", "id", postgresql_where=_CHANGED, sqlite_where=_CHANGED),
        Index(
            "ix_bulletin_mismatch",
            "status",
            "id",
            postgresql_where=_MISMATCH,
            sqlite_where=_MISMATCH,
        ),
    )

    bordereau_id: Mapped[int] = mapped_column(ForeignKey("bordereau.id", ondelete="RESTRICT"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(80), index=True)  # BS-2026-0004512
    number_key: Mapped[str] = mapped_column(String(80), index=True)  # duplicates.same_number
    member_number: Mapped[str] = mapped_column(String(80), default="", index=True)  # matricule
    member_name: Mapped[str] = mapped_column(String(200), default="")
    beneficiary_relation: Mapped[str] = mapped_column(String(20), default="")  # states.RELATIONS
    beneficiary_name: Mapped[str] = mapped_column(String(200), default="")
    beneficiary_born_on: Mapped[date | None]
    care_date: Mapped[date]
    status: Mapped[str] = mapped_column(String(20))  # claims.states
    status_is_ours: Mapped[bool] = mapped_column(default=False)
    external_status: Mapped[str] = mapped_column(String(200), default="")
    rejection_code: Mapped[str] = mapped_column(String(40), default="")  # states.REJECTIONS
    rejection_text: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[Decimal] = mapped_column(Money)  # as the upstream says
    items_total: Mapped[Decimal] = mapped_column(Money, default=ZERO)  # sum of its items' amounts
    payable: Mapped[Decimal] = mapped_column(Money, default=ZERO)  # sum of what they pay back
    # What was agreed to be paid, and by whom: the same person may not pay it, unless the desk allows that.
    validated_amount: Mapped[Decimal | None] = mapped_column(Money)
    validated_payable: Mapped[Decimal | None] = mapped_column(Money)  # `payable` at that time
    validated_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    # When it was validated or rejected; None while it is open, and where it came in decided: nobody knows when.
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    # What the upstream says of its payment; ours stands in `payment`.
    external_payment: Mapped[str] = mapped_column(String(40), default="")
    care_key: Mapped[str] = mapped_column(String(64), default="", index=True)  # duplicates.care_key
    currency: Mapped[str] = mapped_column(String(3), default=USUAL)
    source: Mapped[str] = mapped_column(String(30), index=True)
    source_name: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    bordereau: Mapped[Bordereau] = relationship()
    client: Mapped[Client] = relationship()

    @property
    def seen(self) -> str:
        """What a person decides on. Whoever saw another status or other amounts decided on what is no longer true."""
        return f"{self.status} {self.total} {self.payable}"

    items: Mapped[list[BulletinItem]] = relationship(
        back_populates="bulletin",
        order_by="BulletinItem.position",
        cascade="all, delete-orphan",
    )


class BulletinItem(Keyed, Base):
    """One act, drug or test of a bulletin."""

    __tablename__ = "bulletin_item"
    __table_args__ = (UniqueConstraint("bulletin_id", "position"),)

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(80), default="")
    label: Mapped[str] = mapped_column(String(300), default="")
    provider: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[Decimal] = mapped_column(Money)
    reimbursed: Mapped[Decimal] = mapped_column(Money)

    bulletin: Mapped[Bulletin] = relationship(back_populates="items")


class BulletinNote(Keyed, Base):
    """Internal."""

    __tablename__ = "bulletin_note"

    bulletin_id: Mapped[int] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)


class BulletinFile(Keyed, Base):
    """A scan or letter kept with a bulletin, in core.storage."""

    __tablename__ = "bulletin_file"

    bulletin_id: Mapped[int] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))  # as sniffed
    size: Mapped[int]  # bytes
    storage_key: Mapped[str] = mapped_column(String(64))
    thumb_key: Mapped[str | None] = mapped_column(String(64))
    author_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class DuplicatePair(Keyed, Base):
    """Two bulletins that may be one and the same claim. While nobody has decided, neither can be paid."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="ordered"),
        Index("ix_duplicate_pair_decision", "decision", "id"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), index=True
    )
    why: Mapped[str] = mapped_column(String(20))  # duplicates.REASONS
    decision: Mapped[str] = mapped_column(String(20), default="")  # duplicates.DECISIONS
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime]

    first: Mapped[Bulletin] = relationship(foreign_keys=[first_id])
    second: Mapped[Bulletin] = relationship(foreign_keys=[second_id])


class Complaint(Keyed, Base):
    """Ties a ticket to the bulletin that it is about."""

    __tablename__ = "complaint"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), unique=True)
    bulletin_id: Mapped[int] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
    bulletin: Mapped[Bulletin] = relationship()
