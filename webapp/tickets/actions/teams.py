"""Teams: people who share a queue. A ticket keeps its team when that takes no more tickets."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext
from sqlalchemy import select

from webapp.accounts.events import DeskEdited
from webapp.accounts.models import User
from webapp.accounts.queries import desk, people_who_may
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.models import Team

USUAL = ("", 14)  # what an answer to a finished ticket does: as the mailbox says


def add_team(
    name: str, *, members: Collection[int] = (), closed: tuple[str, int] = USUAL, actor: Actor
) -> Team:
    """`closed`: rule and days of what an answer to a finished ticket does. Raises Invalid where the name is taken."""
    _check_free(name, own_id=None)
    rule, days = closed
    team = Team(name=name, active=True, closed_rule=rule, closed_days=days)
    team.members = _people(members)
    db.session().add(team)
    _note("", _told(team), actor=actor)
    return team


def edit_team(
    team_id: int,
    *,
    name: str,
    members: Collection[int],
    active: bool,
    closed: tuple[str, int] = USUAL,
    actor: Actor,
) -> Team:
    """Name, members, and whether it takes tickets. Raises NotFound, or Invalid where the name is taken."""
    team = db.session().get(Team, team_id)
    if team is None:
        raise NotFound(gettext("There is no such team."))
    _check_free(name, own_id=team_id)
    old = _told(team)
    team.name, team.active, team.members = name, active, _people(members)
    team.closed_rule, team.closed_days = closed
    _note(old, _told(team), actor=actor)
    return team


def _people(ids: Collection[int]) -> list[User]:
    """Only those who work on tickets can be in a team."""
    return [person for person in people_who_may(Permission.TICKETS_WORK) if person.id in ids]


def _told(team: Team) -> str:
    who = ", ".join(sorted(person.name for person in team.members)) or gettext("nobody")
    rest = "" if team.active else " · " + gettext("takes no tickets")
    closed = f" · {team.closed_rule} {team.closed_days}" if team.closed_rule else ""
    return f"{team.name}: {who}{rest}{closed}"


def _check_free(name: str, *, own_id: int | None) -> None:
    found = db.session().scalar(select(Team.id).where(Team.name == name))
    if found is not None and found != own_id:
        words = gettext("There is a team of this name already.")
        raise Invalid(words, fields={"name": words})


def _note(old: str, new: str, *, actor: Actor) -> None:
    db.session().flush()
    if old != new:
        record(DeskEdited(subject_id=desk().id or 0, changes={"teams": [old, new]}), actor=actor)
