"""/progress/logs, /progress/goals, /progress/skills: what a person writes down, and sets right."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.progress import actions, queries
from webapp.progress.forms import GoalForm, LogForm, SkillForm
from webapp.progress.models import Goal, LearningLog, Skill
from webapp.progress.views.blueprint import bp

Answer = str | tuple[str, int] | Response
Page = Callable[..., str]


@bp.get("/progress/logs")
@requires(Permission.PROGRESS_KEEP)
def logs() -> str:
    return _logs_page()


@bp.post("/progress/logs")
@requires(Permission.PROGRESS_KEEP)
def add_log() -> Answer:
    def save() -> None:
        actions.log_learning(viewer(), parse(LogForm, request.form))

    return _saved(save, _logs_page, _("Written down."), "logs")


@bp.get("/progress/logs/<int:log_id>")
@requires(Permission.PROGRESS_KEEP)
def show_log(log_id: int) -> str:
    return _log_page(queries.own(LearningLog, log_id, viewer()))


@bp.post("/progress/logs/<int:log_id>")
@requires(Permission.PROGRESS_KEEP)
def correct_log(log_id: int) -> Answer:
    log = queries.own(LearningLog, log_id, viewer())

    def save() -> None:
        actions.correct_log(log, parse(LogForm, request.form), user=viewer())

    return _saved(save, lambda **more: _log_page(log, **more), _("Corrected."), "logs")


@bp.post("/progress/logs/<int:log_id>/delete")
@requires(Permission.PROGRESS_KEEP)
def remove_log(log_id: int) -> Response:
    with transaction():
        actions.remove_log(queries.own(LearningLog, log_id, viewer()), user=viewer())
    return _gone("logs")


@bp.get("/progress/goals")
@requires(Permission.PROGRESS_KEEP)
def goals() -> str:
    return _goals_page()


@bp.post("/progress/goals")
@requires(Permission.PROGRESS_KEEP)
def add_goal() -> Answer:
    def save() -> None:
        actions.add_goal(viewer(), parse(GoalForm, request.form))

    return _saved(save, _goals_page, _("The goal is set."), "goals")


@bp.get("/progress/goals/<int:goal_id>")
@requires(Permission.PROGRESS_KEEP)
def show_goal(goal_id: int) -> str:
    return _goal_page(queries.own(Goal, goal_id, viewer()))


@bp.post("/progress/goals/<int:goal_id>")
@requires(Permission.PROGRESS_KEEP)
def edit_goal(goal_id: int) -> Answer:
    goal = queries.own(Goal, goal_id, viewer())

    def save() -> None:
        actions.edit_goal(goal, parse(GoalForm, request.form), user=viewer())

    return _saved(save, lambda **more: _goal_page(goal, **more), _("Saved."), "goals")


@bp.post("/progress/goals/<int:goal_id>/done")
@requires(Permission.PROGRESS_KEEP)
def complete_goal(goal_id: int) -> Response:
    with transaction():
        actions.complete_goal(queries.own(Goal, goal_id, viewer()), user=viewer())
    toast("new", _("Goal reached. Well done!"))
    return redirect(url_for(".goals"), 303)


@bp.post("/progress/goals/<int:goal_id>/reopen")
@requires(Permission.PROGRESS_KEEP)
def reopen_goal(goal_id: int) -> Response:
    with transaction():
        actions.reopen_goal(queries.own(Goal, goal_id, viewer()), user=viewer())
    return redirect(url_for(".goals"), 303)


@bp.post("/progress/goals/<int:goal_id>/delete")
@requires(Permission.PROGRESS_KEEP)
def remove_goal(goal_id: int) -> Response:
    with transaction():
        actions.remove_goal(queries.own(Goal, goal_id, viewer()), user=viewer())
    return _gone("goals")


@bp.get("/progress/skills")
@requires(Permission.PROGRESS_KEEP)
def skills() -> str:
    return _skills_page()


@bp.post("/progress/skills")
@requires(Permission.PROGRESS_KEEP)
def add_skill() -> Answer:
    def save() -> None:
        actions.add_skill(viewer(), parse(SkillForm, request.form))

    return _saved(save, _skills_page, _("The skill is added."), "skills")


@bp.get("/progress/skills/<int:skill_id>")
@requires(Permission.PROGRESS_KEEP)
def show_skill(skill_id: int) -> str:
    return _skill_page(queries.own(Skill, skill_id, viewer()))


@bp.post("/progress/skills/<int:skill_id>")
@requires(Permission.PROGRESS_KEEP)
def edit_skill(skill_id: int) -> Answer:
    skill = queries.own(Skill, skill_id, viewer())

    def save() -> None:
        actions.edit_skill(skill, parse(SkillForm, request.form), user=viewer())

    return _saved(save, lambda **more: _skill_page(skill, **more), _("Saved."), "skills")


@bp.post("/progress/skills/<int:skill_id>/delete")
@requires(Permission.PROGRESS_KEEP)
def remove_skill(skill_id: int) -> Response:
    with transaction():
        actions.remove_skill(queries.own(Skill, skill_id, viewer()), user=viewer())
    return _gone("skills")


def _saved(save: Callable[[], None], page: Page, words: str, to: str) -> Answer:
    """What was typed is saved, or shown again with what is wrong."""
    try:
        with transaction():
            save()
    except Invalid as error:
        errors = error.fields or {"": error.message}
        return page(errors=errors, values=request.form), 422
    toast("updated", words)
    return redirect(url_for(f".{to}"), 303)


def _gone(to: str) -> Response:
    toast("updated", _("Deleted."))
    return redirect(url_for(f".{to}"), 303)


def _logs_page(*, errors: Any = None, values: Any = None) -> str:
    skip = max(request.args.get("skip", 0, type=int), 0)
    rows, total = queries.logs_page(viewer(), skip=skip)
    further = skip + queries.PAGE
    return _page(
        "logs",
        errors,
        values,
        rows=rows,
        key=(values or {}).get("key") or token_urlsafe(16),
        older=url_for(".logs", skip=further) if further < total else None,
        newer=url_for(".logs", skip=max(skip - queries.PAGE, 0)) if skip else None,
    )


def _goals_page(*, errors: Any = None, values: Any = None) -> str:
    return _page("goals", errors, values, rows=queries.goals_of(viewer()))


def _skills_page(*, errors: Any = None, values: Any = None) -> str:
    return _page("skills", errors, values, rows=queries.skills_of(viewer()))


def _log_page(log: LearningLog, *, errors: Any = None, values: Any = None) -> str:
    shown = values or {
        "hours": f"{log.minutes / 60:g}" if log.minutes % 3 == 0 else f"{log.minutes} min",
        "topic": log.topic,
        "notes": log.notes,
        "day": log.day.isoformat(),
    }
    return _page("log", errors, shown, log=log)


def _goal_page(goal: Goal, *, errors: Any = None, values: Any = None) -> str:
    return _page("goal", errors, values or goal, goal=goal)


def _skill_page(skill: Skill, *, errors: Any = None, values: Any = None) -> str:
    return _page("skill", errors, values or skill, skill=skill)


def _page(name: str, errors: Any, values: Any, **more: Any) -> str:
    return render(
        f"progress/{name}.html",
        errors=errors or {},
        values=values or {},
        today=queries.today_of(viewer()),
        levels=levels(),
        **more,
    )


def levels() -> list[tuple[str, str]]:
    return [
        ("1", _("1 – beginning")),
        ("2", _("2 – with help")),
        ("3", _("3 – on my own")),
        ("4", _("4 – experienced")),
        ("5", _("5 – teaching others")),
    ]
