"""The JSON API of people's progress (docs/api.md): one's own, and anybody's for admins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.models import User
from webapp.accounts.queries import get_user
from webapp.accounts.roles import Permission
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import Forbidden, Invalid, NotFound
from webapp.core.forms import parse
from webapp.progress import actions, queries
from webapp.progress.actions.standing import WINDOWS
from webapp.progress.forms import ActivityIn, Increment, LearningHours, Week
from webapp.progress.models import Activity
from webapp.progress.queries import Analytics

bp = Blueprint("progress_api", __name__, url_prefix="/api")

Answer = tuple[Response, int]
MOST = 100


@bp.get("/activities/<int:user_id>")
@requires(Permission.PROGRESS_KEEP)
def activities(user_id: int) -> Answer:
    person = _person(user_id)
    skip = api.skip()
    rows, total = queries.activities_page(person, skip=skip, limit=api.limit(usual=20, most=MOST))
    shown = [_activity(row) for row in rows]
    return _page("activities", shown, total=total, skip=skip), 200


@bp.get("/activities/<int:user_id>/unread/count")
@requires(Permission.PROGRESS_KEEP)
def unread(user_id: int) -> Answer:
    return jsonify(unreadCount=queries.unread_activities(_person(user_id))), 200


@bp.post("/activities")
@requires(Permission.PROGRESS_KEEP)
def add_activity() -> Answer:
    """For oneself; for admins also with `userId` of somebody else."""
    sent = api.sent({"userId", *ActivityIn.model_fields})
    person = _person(_number(sent.get("userId", viewer().id)))
    form = parse(ActivityIn, sent)
    with transaction():
        row = actions.add_activity(person, type=form.type, title=form.title, link=form.link)
    return jsonify(activity=_activity(row)), 201


@bp.patch("/activities/<int:activity_id>/read")
@requires(Permission.PROGRESS_KEEP)
def read_activity(activity_id: int) -> Answer:
    with transaction():
        row = queries.own(Activity, activity_id, viewer())
        actions.mark_read(row)
    return jsonify(activity=_activity(row)), 200


@bp.patch("/activities/<int:user_id>/read-all")
@requires(Permission.PROGRESS_KEEP)
def read_activities(user_id: int) -> Answer:
    with transaction():
        count = actions.mark_all_read(_person(user_id))
    return jsonify(modifiedCount=count), 200


@bp.delete("/activities/<int:activity_id>")
@requires(Permission.PROGRESS_KEEP)
def delete_activity(activity_id: int) -> tuple[str, int]:
    with transaction():
        actions.delete_activity(queries.own(Activity, activity_id, viewer()))
    return "", 204


@bp.get("/analytics/<int:user_id>")
@requires(Permission.PROGRESS_KEEP)
def analytics(user_id: int) -> Answer:
    return _analytics(_person(user_id)), 200


@bp.post("/analytics/<int:user_id>/init")
@requires(Permission.PROGRESS_KEEP)
def begin(user_id: int) -> Answer:
    """Figures begin with the first entry by themselves: this tells what they are, and may be asked at any time."""
    return _analytics(_person(user_id)), 201


@bp.patch("/analytics/<int:user_id>/learning-hours")
@requires(Permission.PROGRESS_KEEP)
def learning_hours(user_id: int) -> Answer:
    hours = api.parsed(LearningHours).hours
    return _corrected(user_id, {"minutes": round(hours * 60)}, reason="learning-hours")


@bp.patch("/analytics/<int:user_id>/streak")
@requires(Permission.PROGRESS_KEEP)
def streak(user_id: int) -> Answer:
    """Today counts."""
    person = _person(user_id)
    with transaction():
        actions.mark_day(person, actor=viewer().actor)
    return _analytics(person), 200


@bp.patch("/analytics/<int:user_id>/increment")
@requires(Permission.PROGRESS_KEEP)
def increment(user_id: int) -> Answer:
    form = api.parsed(Increment)
    return _corrected(user_id, form.as_figures(), reason="increment")


@bp.post("/analytics/<int:user_id>/weekly")
@requires(Permission.PROGRESS_KEEP)
def weekly(user_id: int) -> Answer:
    person, form = _person(user_id), api.parsed(Week)
    with transaction():
        monday, minutes, logs = actions.set_week(
            person,
            week_of=form.week_start,
            minutes=round(form.hours * 60),
            logs=form.logs,
            actor=viewer().actor,
        )
    week = {
        "weekStart": monday.isoformat(),
        "hoursLogged": round(minutes / 60, 2),
        "logsCount": logs,
    }
    return jsonify(week=week), 201


@bp.get("/analytics/leaderboard/all")
@requires(Permission.PROGRESS_KEEP)
def leaderboard() -> Answer:
    """?window=7|30|90|all, ?team=, ?limit=, ?skip="""
    if not queries.rules().leaderboard:
        raise NotFound(_("The leaderboard is switched off."))
    window = request.args.get("window", "30")
    if window not in WINDOWS:
        words = _("One of %(names)s.", names=", ".join(WINDOWS))
        raise Invalid(words, fields={"window": words})
    limit, skip = api.limit(usual=20, most=MOST), api.skip()
    team = request.args.get("team")
    rows, total = queries.leaderboard(
        window, team_id=_number(team) if team else None, limit=limit, skip=skip
    )
    placed = [
        {
            "rank": row.rank,
            "userId": row.user_id,
            "name": row.name,
            "totalHours": round(row.minutes / 60, 2),
            "logsCount": row.logs,
            "currentStreak": row.streak,
        }
        for row in rows
    ]
    return _page("leaderboard", placed, total=total, skip=skip), 200


def _corrected(user_id: int, by: dict[str, int], *, reason: str) -> Answer:
    person = _person(user_id)
    with transaction():
        actions.correct(person, by, actor=viewer().actor, reason=reason)
    return _analytics(person), 200


def _person(user_id: int) -> User:
    """Whose it is: one's own, or anybody's for admins. Raises Forbidden."""
    if user_id == viewer().id:
        return viewer()
    if not viewer().may(Permission.DESK_MANAGE):
        raise Forbidden(_("These are another person's."))
    return get_user(user_id)


def _analytics(person: User) -> Response:
    found: Analytics = queries.analytics_of(person)
    return jsonify(
        userId=person.id,
        totalHours=found.hours,
        logsCount=found.logs,
        goalsCompleted=found.goals_done,
        goalsOpen=found.goals_open,
        skillsCount=found.skills,
        portfolioCount=found.portfolio,
        currentStreak=found.streak.current,
        longestStreak=found.streak.longest,
        milestones=[each.name for each in queries.milestones_of(person)],
        weekly=[_stretch("weekStart", *each) for each in found.weekly],
        monthly=[_stretch("monthStart", *each) for each in found.monthly],
    )


def _stretch(name: str, start: Any, hours: float, logs: int) -> dict[str, Any]:
    return {name: start.isoformat(), "hoursLogged": round(hours, 2), "logsCount": logs}


def _activity(row: Activity) -> dict[str, Any]:
    return {
        "id": row.id,
        "userId": row.user_id,
        "type": row.type,
        "title": row.title,
        "link": row.link,
        "createdAt": row.at.isoformat(),
        "read": row.read_at is not None,
    }


def _page(name: str, shown: list[dict[str, Any]], *, total: int, skip: int) -> Response:
    end = skip + len(shown)
    more = end < total
    return api.listed(
        name, shown, next_by=("skip", end if more else None), total=total, hasMore=more
    )


def _number(value: Any) -> int:
    if isinstance(value, int) or str(value).isdecimal():
        return int(value)
    words = _("This must be a whole number.")
    raise Invalid(words, fields={"userId": words})
