"""The leaderboard, worked out ahead for each window."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import clock, db
from webapp.core.inserting import insert_new
from webapp.progress import queries, streaks
from webapp.progress.models import DayTotal, Standing

WINDOWS: dict[str, int | None] = {"7": 7, "30": 30, "90": 90, "all": None}  # days
_LONGEST_STREAK = timedelta(days=1200)


def reckon_standings() -> int:
    """Everybody with any figure stands in each window they were active in. How many rows."""
    session, now = db.session(), clock.now()
    today = now.astimezone(ZoneInfo(desk().timezone)).date()
    session.execute(delete(Standing))
    rows = [row for window, days in WINDOWS.items() for row in _rows(window, days, today)]
    runs = _streaks(sorted({row["user_id"] for row in rows}), today)
    insert_new(
        Standing, [{**row, "streak": runs.get(row["user_id"], 0), "at": now} for row in rows]
    )  # new: another process may reckon at the same moment
    return len(rows)


def _rows(window: str, days: int | None, today: date) -> list[dict[str, Any]]:
    query = (
        select(DayTotal.user_id, func.sum(DayTotal.minutes), func.sum(DayTotal.logs))
        .join(User, User.id == DayTotal.user_id)
        .where(User.active.is_(True))
        .group_by(DayTotal.user_id)
        .having(func.sum(DayTotal.minutes) > 0)
    )
    if days is not None:
        query = query.where(DayTotal.day > today - timedelta(days=days))
    return [
        {"window": window, "user_id": user_id, "minutes": int(minutes), "logs": int(logs)}
        for user_id, minutes, logs in db.session().execute(query)
    ]


def _streaks(user_ids: list[int], today: date) -> dict[int, int]:
    if not user_ids:
        return {}
    grace = queries.rules().grace_days
    users = db.session().scalars(select(User).where(User.id.in_(user_ids)))
    days = queries.streaks_of(user_ids, since=today - _LONGEST_STREAK)
    return {
        user.id: streaks.streak_of(
            days.get(user.id, ()), today=queries.today_of(user), grace=grace
        ).current
        for user in users
    }
