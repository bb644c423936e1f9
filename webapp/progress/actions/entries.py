"""Learning logs, goals and skills: people write their own."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.core.once import once
from webapp.events.record import record
from webapp.progress import events
from webapp.progress.actions.dated import record_on
from webapp.progress.forms import GoalForm, LogForm, SkillForm
from webapp.progress.models import Goal, LearningLog, Skill
from webapp.progress.queries import today_of


def log_learning(user: User, form: LogForm) -> LearningLog:
    """Raises Invalid for a day that has not come."""
    day = _day(user, form.day)
    key = f"{user.id}-{form.key}" if form.key else None

    def make() -> LearningLog:
        return LearningLog(
            user_id=user.id, day=day, minutes=form.minutes, topic=form.topic, notes=form.notes,
            created_at=clock.now(), submission_key=key,
        )  # fmt: skip

    log, new = once(LearningLog, key, make=make)
    if new:
        record_on(day, events.LearningLogged, user, log_id=log.id, minutes=log.minutes)
    return log


def correct_log(log: LearningLog, form: LogForm, *, user: User) -> None:
    day = _day(user, form.day)
    old_day, old_minutes = log.day, log.minutes
    log.day, log.minutes, log.topic, log.notes = day, form.minutes, form.topic, form.notes
    if (old_day, old_minutes) == (day, form.minutes):
        return
    record_on(
        day,
        events.LogCorrected,
        user,
        log_id=log.id,
        old_day=old_day.isoformat(),
        old_minutes=old_minutes,
        minutes=form.minutes,
    )


def remove_log(log: LearningLog, *, user: User) -> None:
    db.session().delete(log)
    record_on(log.day, events.LogRemoved, user, log_id=log.id, minutes=log.minutes)


def add_goal(user: User, form: GoalForm) -> Goal:
    goal = Goal(user_id=user.id, created_at=clock.now(), **form.model_dump())
    db.session().add(goal)
    db.session().flush()
    _goal_changed(goal, "made", user)
    return goal


def edit_goal(goal: Goal, form: GoalForm, *, user: User) -> None:
    for name, value in form.model_dump().items():
        setattr(goal, name, value)
    _goal_changed(goal, "edited", user)


def complete_goal(goal: Goal, *, user: User) -> None:
    """Raises Conflict where it is done already."""
    if goal.done_on is not None:
        raise Conflict(gettext("This goal is reached already."))
    goal.done_on = today_of(user)
    record_on(goal.done_on, events.GoalCompleted, user, goal_id=goal.id)


def reopen_goal(goal: Goal, *, user: User) -> None:
    """Raises Conflict where it is not done."""
    if goal.done_on is None:
        raise Conflict(gettext("This goal is still open."))
    _taken_back(goal, user, removed=False)
    goal.done_on = None


def remove_goal(goal: Goal, *, user: User) -> None:
    if goal.done_on is not None:
        _taken_back(goal, user, removed=True)
    else:
        _goal_changed(goal, "removed", user)
    db.session().delete(goal)


def add_skill(user: User, form: SkillForm) -> Skill:
    """Raises Invalid for one that the person has already."""
    _check_new_name(user, form.name)
    skill = Skill(
        user_id=user.id, added_on=today_of(user), created_at=clock.now(), **form.model_dump()
    )
    db.session().add(skill)
    db.session().flush()
    record_on(skill.added_on, events.SkillAdded, user, skill_id=skill.id)
    return skill


def edit_skill(skill: Skill, form: SkillForm, *, user: User) -> None:
    if form.name != skill.name:
        _check_new_name(user, form.name)
    old = skill.level
    skill.name, skill.level, skill.evidence = form.name, form.level, form.evidence
    changes = {"level": [old, skill.level]} if old != skill.level else {}
    record(
        events.SkillEdited(subject_id=user.id, skill_id=skill.id, changes=changes),
        actor=user.actor,
    )


def remove_skill(skill: Skill, *, user: User) -> None:
    db.session().delete(skill)
    record_on(skill.added_on, events.SkillRemoved, user, skill_id=skill.id)


def _day(user: User, wanted: date | None) -> date:
    today = today_of(user)
    if wanted is not None and wanted > today:
        words = gettext("This day has not come yet.")
        raise Invalid(words, fields={"day": words})
    return wanted or today


def _goal_changed(goal: Goal, what: str, user: User) -> None:
    record(
        events.GoalChanged(subject_id=user.id, goal_id=goal.id, what=what),
        actor=user.actor,
    )


def _taken_back(goal: Goal, user: User, *, removed: bool) -> None:
    assert goal.done_on is not None  # noqa: S101 - whoever calls has looked
    record_on(goal.done_on, events.GoalReopened, user, goal_id=goal.id, removed=removed)


def _check_new_name(user: User, name: str) -> None:
    known = select(Skill.id).where(Skill.user_id == user.id, Skill.name == name)
    if db.session().scalar(known) is not None:
        words = gettext("You have this skill already: change its level there.")
        raise Invalid(words, fields={"name": words})
