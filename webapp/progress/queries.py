"""Readings of progress. Whose, the caller decides; everything here is one person's, the leaderboard apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.errors import NotFound
from webapp.progress import rollups, streaks
from webapp.progress.milestones import Rules
from webapp.progress.models import (
    Activity,
    DayTotal,
    Goal,
    LearningLog,
    Milestone,
    PortfolioItem,
    ProgressChoice,
    ProgressRules,
    Skill,
    Standing,
)
from webapp.tickets.models import team_member

Own = TypeVar("Own", LearningLog, Goal, Skill, PortfolioItem, Activity)

PAGE = 30
WEEKS, MONTHS = 12, 12


@dataclass(frozen=True, slots=True)
class Analytics:
    """One person in figures. `weekly`, `monthly`: (start, hours, logs), the oldest first."""

    minutes: int
    logs: int
    goals_done: int
    goals_open: int
    skills: int
    portfolio: int
    streak: streaks.Streak
    weekly: Sequence[tuple[date, float, int]]
    monthly: Sequence[tuple[date, float, int]]

    @property
    def hours(self) -> float:
        return round(self.minutes / 60, 2)


def today_of(user: User) -> date:
    return clock.now().astimezone(user.zone).date()


def offset_of(user: User) -> int:
    """How far the person's clock is ahead of UTC now, in minutes."""
    ahead = clock.now().astimezone(user.zone).utcoffset() or timedelta()
    return int(ahead.total_seconds() // 60)


def rules() -> Rules:
    row = db.session().scalar(select(ProgressRules).limit(1))
    if row is None:
        return Rules()
    return Rules(row.leaderboard, row.first_log, row.streak_marks, row.hour_marks, row.grace_days)


def analytics_of(user: User) -> Analytics:
    query = select(DayTotal).where(DayTotal.user_id == user.id).order_by(DayTotal.day)
    # Figures are added by the database itself: what this session read before is old.
    rows = db.session().scalars(query.execution_options(populate_existing=True)).all()
    today = today_of(user)
    hours = [(row.day, row.minutes / 60, row.logs) for row in rows]
    unfinished = select(func.count()).where(Goal.user_id == user.id, Goal.done_on.is_(None))
    return Analytics(
        minutes=sum(row.minutes for row in rows),
        logs=sum(row.logs for row in rows),
        goals_done=sum(row.goals for row in rows),
        goals_open=db.session().scalar(unfinished) or 0,
        skills=sum(row.skills for row in rows),
        portfolio=sum(row.portfolio for row in rows),
        streak=streaks.streak_of(
            map(_active, filter(_counts, rows)), today=today, grace=rules().grace_days
        ),
        weekly=streaks.series(hours, starts=streaks.weeks_back(today, WEEKS)),
        monthly=streaks.series(hours, starts=streaks.months_back(today, MONTHS)),
    )


def streaks_of(user_ids: Sequence[int], *, since: date) -> dict[int, list[streaks.Active]]:
    """The days with something done of many people, from `since` on."""
    found: dict[int, list[streaks.Active]] = {}
    query = select(DayTotal).where(DayTotal.user_id.in_(user_ids), DayTotal.day >= since)
    for row in db.session().scalars(query.order_by(DayTotal.user_id, DayTotal.day)):
        if _counts(row):
            found.setdefault(row.user_id, []).append(_active(row))
    return found


def _counts(row: DayTotal) -> bool:
    return any(getattr(row, name) > 0 for name in rollups.FIGURES)


def _active(row: DayTotal) -> streaks.Active:
    return streaks.Active(row.day, row.first_at, row.first_offset, row.last_at, row.last_offset)


def own(model: type[Own], row_id: int, user: User) -> Own:
    """The person's own row. Raises NotFound for anybody else's as for none."""
    row = db.session().get(model, row_id)
    if row is None or row.user_id != user.id:
        raise NotFound("There is no such entry of yours.")
    return row


def logs_page(user: User, *, skip: int = 0, limit: int = PAGE) -> tuple[Sequence[LearningLog], int]:
    """The person's logs, the newest day first, and how many there are in all."""
    query = select(LearningLog).where(LearningLog.user_id == user.id)
    ordered = query.order_by(LearningLog.day.desc(), LearningLog.id.desc())
    return _page(ordered, query, skip=skip, limit=limit)


def goals_of(user: User) -> Sequence[Goal]:
    """The unfinished ones first, the nearest due date on top; then the finished, the newest first."""
    query = select(Goal).where(Goal.user_id == user.id)
    far = date.max
    return sorted(
        db.session().scalars(query.order_by(Goal.id.desc())),
        key=lambda goal: (
            goal.done_on is not None,
            (goal.due or far) if goal.done_on is None else far - (goal.done_on - date.min),
        ),
    )


def skills_of(user: User) -> Sequence[Skill]:
    query = select(Skill).where(Skill.user_id == user.id)
    return db.session().scalars(query.order_by(Skill.level.desc(), Skill.name)).all()


def portfolio_of(user: User) -> Sequence[PortfolioItem]:
    query = select(PortfolioItem).where(PortfolioItem.user_id == user.id)
    return db.session().scalars(query.order_by(PortfolioItem.updated_at.desc())).all()


def activities_page(user: User, *, skip: int, limit: int) -> tuple[Sequence[Activity], int]:
    query = select(Activity).where(Activity.user_id == user.id)
    return _page(query.order_by(Activity.id.desc()), query, skip=skip, limit=limit)


def unread_activities(user: User) -> int:
    query = select(func.count()).where(Activity.user_id == user.id, Activity.read_at.is_(None))
    return db.session().scalar(query) or 0


def milestones_of(user: User) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.user_id == user.id)
    return db.session().scalars(query.order_by(Milestone.reached_at, Milestone.id)).all()


def on_leaderboard(user: User) -> bool:
    choice = db.session().get(ProgressChoice, user.id)
    return choice is None or choice.on_leaderboard


@dataclass(frozen=True, slots=True)
class Placed:
    """`rank`: those with the same figures share one."""

    rank: int
    user_id: int
    name: str
    minutes: int
    logs: int
    streak: int


def leaderboard(
    window: str, *, team_id: int | None = None, limit: int = 50, skip: int = 0
) -> tuple[list[Placed], int]:
    """Those who stand on it now, as of the last reckoning; and how many there are in all."""
    query = (
        select(User.id, User.name, Standing.minutes, Standing.logs, Standing.streak)
        .join(User, User.id == Standing.user_id)
        .outerjoin(ProgressChoice, ProgressChoice.user_id == User.id)
        .where(Standing.window == window, User.active.is_(True))
        .where(func.coalesce(ProgressChoice.on_leaderboard, True).is_(True))
    )
    if team_id:
        members = select(team_member.c.user_id).where(team_member.c.team_id == team_id)
        query = query.where(User.id.in_(members))
    ordered = query.order_by(Standing.minutes.desc(), Standing.logs.desc(), User.name, User.id)
    placed: list[Placed] = []
    for place, (user_id, name, minutes, logs, streak) in enumerate(
        db.session().execute(ordered), 1
    ):
        same = placed and (placed[-1].minutes, placed[-1].logs) == (minutes, logs)
        rank = placed[-1].rank if same else place
        placed.append(Placed(rank, user_id, name, minutes, logs, streak))
    return placed[skip : skip + limit], len(placed)


def _page(
    ordered: Select[Any], counted: Select[Any], *, skip: int, limit: int
) -> tuple[Sequence[Any], int]:
    total = db.session().scalar(select(func.count()).select_from(counted.subquery())) or 0
    return db.session().scalars(ordered.offset(skip).limit(limit)).all(), total
