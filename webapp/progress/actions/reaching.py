"""Milestones: looked for after every fact that moves a figure up."""

from __future__ import annotations

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.inserting import insert_new
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import SYSTEM, Fact
from webapp.progress import queries
from webapp.progress.events import MilestoneReached
from webapp.progress.milestones import reached
from webapp.progress.models import Milestone


def reach_milestones(event: Event, _fact: Fact) -> None:
    """The reaction. A milestone stays reached, also when figures are corrected down afterwards."""
    user = db.session().get(User, event.subject_id)
    if user is None:
        return
    figures = queries.analytics_of(user)
    names = reached(
        queries.rules(), logs=figures.logs, streak=figures.streak.current, minutes=figures.minutes
    )
    known = set(db.session().scalars(select(Milestone.name).where(Milestone.user_id == user.id)))
    for name in names:
        if name not in known:
            insert_new(Milestone, [{"user_id": user.id, "name": name, "reached_at": clock.now()}])
            record(MilestoneReached(subject_id=user.id, name=name), actor=SYSTEM)
