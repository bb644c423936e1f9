"""A person's progress. Day totals and standings are worked out from events and can be made anew from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, BigInt, Keyed, Versioned


class ProgressRules(Keyed, Versioned, Base):
    """The desk's one place for milestones, grace and the leaderboard: one row, none as long as nobody changed it."""

    __tablename__ = "progress_rules"

    leaderboard: Mapped[bool] = mapped_column(default=True)
    first_log: Mapped[bool] = mapped_column(default=True)
    streak_marks: Mapped[list[Any]] = mapped_column(default=list)  # days
    hour_marks: Mapped[list[Any]] = mapped_column(default=list)  # hours in all
    grace_days: Mapped[int] = mapped_column(default=0)  # missed in a row without breaking a streak


class ProgressChoice(Base):
    """What a person decided about their own progress. Who decided nothing has no row."""

    __tablename__ = "progress_choice"

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    on_leaderboard: Mapped[bool] = mapped_column(default=True)


class LearningLog(Keyed, Versioned, Base):
    """Time learnt on one day of the person's own calendar."""

    __tablename__ = "learning_log"
    __table_args__ = (Index("ix_learning_log_user_day", "user_id", "day", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    day: Mapped[date]
    minutes: Mapped[int]
    topic: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)


class Goal(Keyed, Versioned, Base):
    """`target`: when it counts as reached, in words. `done_on`: a day of the person's own calendar."""

    __tablename__ = "goal"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    target: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    due: Mapped[date | None]
    done_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Skill(Keyed, Versioned, Base):
    """`level`: 1 (beginner) to 5 (teaches others). `evidence`: what shows it."""

    __tablename__ = "skill"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    level: Mapped[int] = mapped_column(SmallInteger)
    evidence: Mapped[str] = mapped_column(Text, default="")
    added_on: Mapped[date]
    created_at: Mapped[datetime]


class PortfolioItem(Keyed, Versioned, Base):
    """A piece of work to show: text, a link, a file, or all of them."""

    __tablename__ = "portfolio_item"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_type: Mapped[str] = mapped_column(String(100), default="")
    file_size: Mapped[int] = mapped_column(default=0)  # bytes
    storage_key: Mapped[str | None] = mapped_column(String(100))
    added_on: Mapped[date]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DayTotal(Base):
    """One person's day in figures. `first_at`, `last_at`: of what was done; offsets: the zone's, in minutes."""

    __tablename__ = "day_total"

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    minutes: Mapped[int] = mapped_column(default=0)
    logs: Mapped[int] = mapped_column(default=0)
    goals: Mapped[int] = mapped_column(default=0)
    skills: Mapped[int] = mapped_column(default=0)
    portfolio: Mapped[int] = mapped_column(default=0)
    marks: Mapped[int] = mapped_column(
        default=0
    )  # days that count although nothing was written down
    first_at: Mapped[datetime]
    first_offset: Mapped[int]
    last_at: Mapped[datetime]
    last_offset: Mapped[int]


class Activity(Keyed, Base):
    """One line of a person's own feed. `type` as the API names it: login, log_created, goal_completed …"""

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_user", "user_id", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    link: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Milestone(Keyed, Base):
    """`name`: first_log, streak-7, hours-100. Once a person."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    reached_at: Mapped[datetime]


class Standing(Base):
    """A place on the leaderboard of one window, worked out ahead."""

    __tablename__ = "standing"

    window: Mapped[str] = mapped_column("days", String(10), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    minutes: Mapped[int]
    logs: Mapped[int]
    streak: Mapped[int]
    at: Mapped[datetime]
