from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Keyed, Versioned
from webapp.targets.deadlines import Aims
from webapp.targets.hours import DAYS, Hours, read_week
from webapp.tickets.models import Team


class Calendar(Keyed, Versioned, Base):
    """When work is done. `week`: day → “08:00-12:00, 13:00-17:00”, as hours.read_week takes it."""

    __tablename__ = "calendar"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    timezone: Mapped[str] = mapped_column(String(60))
    week: Mapped[dict[str, Any]]

    holidays: Mapped[list[Holiday]] = relationship(
        order_by="Holiday.day", cascade="all, delete-orphan", passive_deletes=True
    )

    def hours(self) -> Hours:
        days = frozenset(each.day for each in self.holidays)
        return Hours(ZoneInfo(self.timezone), read_week(self.week), days)

    def written(self) -> list[tuple[str, str]]:
        return [(day, self.week.get(day, "")) for day in DAYS]


class Holiday(Keyed, Base):
    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("calendar_id", "day"),)

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id", ondelete="CASCADE"))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(120), default="")


class Target(Keyed, Versioned, Base):
    """How soon tickets of a kind are to be answered and resolved. The first that fits, by `position`, counts."""

    __tablename__ = "response_target"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    category: Mapped[str] = mapped_column(String(200), default="")  # empty: any
    priority: Mapped[int] = mapped_column(default=0)  # 0: any
    # Minutes of open time; empty: no such target.
    first_response: Mapped[int | None]
    next_response: Mapped[int | None]
    resolution: Mapped[int | None]
    calendar_id: Mapped[int | None] = mapped_column(
        ForeignKey("calendar.id", ondelete="RESTRICT")
    )  # empty: round the clock
    warn_minutes: Mapped[int] = mapped_column(default=60)  # before a deadline; 0: no warning
    # What follows when one is missed.
    escalate_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    escalate_priority: Mapped[int] = mapped_column(default=0)  # 0: as it is

    calendar: Mapped[Calendar | None] = relationship()
    escalate_team: Mapped[Team | None] = relationship()

    @property
    def aims(self) -> Aims:
        return Aims(self.first_response, self.next_response, self.resolution)


class DeadlineTold(Keyed, Base):
    """That people were told of a deadline: once as it came near, once as it was missed."""

    __tablename__ = "deadline_told"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "deadline", "what"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # response, resolution
    deadline: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(10))  # near, missed
    at: Mapped[datetime]


class ReportMail(Keyed, Base):
    """A person's report by mail. `args`: the report page's own address values."""

    __tablename__ = "report_mail"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    every: Mapped[str] = mapped_column(String(10))  # week, month
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    next_at: Mapped[datetime] = mapped_column(index=True)
