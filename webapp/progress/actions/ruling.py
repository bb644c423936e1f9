"""What the desk, and each person, decides about progress."""

from __future__ import annotations

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.core import db
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.progress.events import LeaderboardChosen, ProgressRulesEdited
from webapp.progress.forms import RulesForm
from webapp.progress.models import ProgressChoice, ProgressRules
from webapp.progress.queries import rules


def edit_rules(form: RulesForm, *, actor: Actor) -> None:
    before, new = rules(), form.model_dump()
    changes = {
        name: [_plain(getattr(before, name)), value]
        for name, value in new.items()
        if _plain(getattr(before, name)) != value
    }
    if not changes:
        return
    row = db.session().scalar(select(ProgressRules).limit(1)) or ProgressRules()
    for name, value in new.items():
        setattr(row, name, value)
    db.session().add(row)
    db.session().flush()
    record(ProgressRulesEdited(subject_id=row.id, changes=changes), actor=actor)


def choose_leaderboard(user: User, *, shown: bool) -> None:
    choice = db.session().get(ProgressChoice, user.id) or ProgressChoice(user_id=user.id)
    if choice.on_leaderboard == shown:
        return
    choice.on_leaderboard = shown
    db.session().add(choice)
    record(LeaderboardChosen(subject_id=user.id, shown=shown), actor=user.actor)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
