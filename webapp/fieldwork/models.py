from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, Keyed, Versioned
from webapp.fieldwork.states import PLANNED
from webapp.tickets.models import Ticket
from webapp.tickets.states import NORMAL


class Employee(Keyed, Versioned, Base):
    """Somebody who does jobs; with an account, who sees them as a day of their own."""

    __tablename__ = "employee"

    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), unique=True
    )
    name: Mapped[str] = mapped_column(String(200), index=True)
    phone: Mapped[str] = mapped_column(String(60), default="")
    skills: Mapped[list[Any]] = mapped_column(default=list)
    areas: Mapped[list[Any]] = mapped_column(default=list)  # barangays
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)  # day → “08:00-12:00, 13:00-17:00”
    active: Mapped[bool] = mapped_column(default=True)
    shares_position: Mapped[bool] = mapped_column(default=False)
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    lng: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    position_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    user: Mapped[User | None] = relationship()
    absences: Mapped[list[Absence]] = relationship(
        order_by="Absence.first_day", cascade="all, delete-orphan", passive_deletes=True
    )


class Absence(Keyed, Base):
    """Whole days on which somebody does no jobs."""

    __tablename__ = "absence"

    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), index=True
    )
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), default="")


class RecurringJob(Keyed, Versioned, Base):
    """What is to be done again and again: each time a job is made of it, once a day at most."""

    __tablename__ = "recurring_job"

    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    barangay: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    lng: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    skill: Mapped[str] = mapped_column(String(60), default="")
    priority: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)
    checklist: Mapped[list[Any]] = mapped_column(default=list)  # texts
    crew: Mapped[list[Any]] = mapped_column(default=list)  # employees' numbers
    every: Mapped[str] = mapped_column(String(10))  # fieldwork.recurring
    step: Mapped[int] = mapped_column(SmallInteger, default=1)  # every second week: 2
    weekdays: Mapped[list[Any]] = mapped_column(default=list)  # of a weekly one; Monday is 0
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date | None] = mapped_column(Date)
    begins: Mapped[str] = mapped_column(String(5), default="08:00")  # by the desk's clock
    minutes: Mapped[int] = mapped_column(default=60)
    days_ahead: Mapped[int] = mapped_column(SmallInteger, default=7)
    active: Mapped[bool] = mapped_column(default=True)
    made_until: Mapped[date | None] = mapped_column(Date)  # the last day that jobs were made for
    created_at: Mapped[datetime]


class Crew(Base):
    """Who does a job, and its place in that person's day as somebody set it by hand."""

    __tablename__ = "job_crew"
    __table_args__ = (Index("ix_job_crew_employee", "employee_id", "job_id"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(
        ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int | None]

    employee: Mapped[Employee] = relationship()


class Job(Keyed, Versioned, Base):
    """One piece of field work."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_starts", "state", "starts_at", "id"),
        Index("ix_job_created", "created_at", "id"),
        UniqueConstraint("recurring_id", "recurring_on"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)  # J-2026-000123
    client_uuid: Mapped[str] = mapped_column(String(64), unique=True)  # made by whoever created it
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    barangay: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    lng: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    starts_at: Mapped[datetime | None] = mapped_column(index=True)  # the window in which to do it
    ends_at: Mapped[datetime | None]
    skill: Mapped[str] = mapped_column(String(60), default="")  # that it needs
    priority: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)
    state: Mapped[str] = mapped_column(String(20), default=PLANNED)  # fieldwork.states
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was not possible, or cancelled
    ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="SET NULL"), index=True
    )
    # Whether its ticket is resolved when it is done, unless who closes it says otherwise.
    resolves_ticket: Mapped[bool] = mapped_column(default=True)
    recurring_id: Mapped[int | None] = mapped_column(
        ForeignKey("recurring_job.id", ondelete="SET NULL")
    )
    recurring_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)

    ticket: Mapped[Ticket | None] = relationship()
    crew: Mapped[list[Crew]] = relationship(
        order_by="Crew.employee_id", cascade="all, delete-orphan", passive_deletes=True
    )
    items: Mapped[list[JobItem]] = relationship(
        order_by="JobItem.position, JobItem.id", cascade="all, delete-orphan", passive_deletes=True
    )
    parts: Mapped[list[JobPart]] = relationship(
        order_by="JobPart.id", cascade="all, delete-orphan", passive_deletes=True
    )
    notes: Mapped[list[JobNote]] = relationship(
        order_by="JobNote.id", cascade="all, delete-orphan", passive_deletes=True
    )
    files: Mapped[list[JobFile]] = relationship(
        order_by="JobFile.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def people(self) -> list[Employee]:
        return sorted((one.employee for one in self.crew), key=lambda each: (each.name, each.id))


class JobItem(Keyed, Base):
    """One thing to do, or to look at, on a job."""

    __tablename__ = "job_item"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(200), default="")


class JobPart(Keyed, Base):
    """Material: what is to be brought, and how much of it was used."""

    __tablename__ = "job_part"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    planned: Mapped[int] = mapped_column(default=1)
    used: Mapped[int | None]  # None: nobody has said


class JobNote(Keyed, Base):
    """What somebody wrote on a job. Internal."""

    __tablename__ = "job_note"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class JobFile(Keyed, Base):
    """Proof: a photo, or the signature of somebody on site (`signed_by`)."""

    __tablename__ = "job_file"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # photo, signature
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(64))
    thumb_key: Mapped[str | None] = mapped_column(String(64))
    signed_by: Mapped[str] = mapped_column(String(200), default="")
    author_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
