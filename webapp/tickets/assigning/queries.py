"""Readings for rules of assignment: in a handful of statements, however many tickets there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.plain import Plain
from webapp.tickets.assigning.choosing import Rule
from webapp.tickets.assigning.models import AssignmentRule
from webapp.tickets.models import Team, Ticket
from webapp.tickets.queries.organising import teams
from webapp.tickets.states import UNFINISHED

_ALL = select(AssignmentRule).order_by(AssignmentRule.position, AssignmentRule.id)
_ROWS = Plain(_ALL.with_only_columns(*AssignmentRule.__table__.columns))  # each new ticket asks


def all_rules() -> Sequence[AssignmentRule]:
    """In their order, also those that are switched off."""
    return db.session().scalars(_ALL).all()


def working_rules() -> list[Rule]:
    """Those that can take a ticket: switched on, their team takes tickets, their person works on them."""
    found = [(place, row) for place, row in enumerate(_ROWS.all(), start=1) if row.active]
    if not found:
        return []
    active = {team.id: team for team in teams(active_only=True)}
    people = {person.id for person in people_who_may(Permission.TICKETS_WORK)}
    rules = [_as_rule(place, rule, active, people) for place, rule in found]
    return [rule for rule in rules if rule is not None]


def _as_rule(place: int, rule: Any, active: dict[int, Team], people: set[int]) -> Rule | None:
    team = active.get(rule.team_id) if rule.team_id is not None else None
    members = tuple(m.id for m in team.members if m.id in people) if team else ()
    if (rule.team_id is not None and team is None) or (rule.least_busy and not members):
        return None
    if rule.user_id is not None and rule.user_id not in people:
        return None
    return Rule(
        rule.id,
        place,
        rule.category,
        rule.barangay,
        rule.source,
        rule.team_id,
        rule.user_id,
        members if rule.least_busy else (),
    )


def unfinished_of(people: Iterable[int]) -> dict[int, int]:
    """person → how many unfinished tickets they have."""
    wanted = list(people)
    if not wanted:
        return {}
    query = (
        select(Ticket.assignee_id, func.count())
        .where(Ticket.assignee_id.in_(wanted), Ticket.status.in_(UNFINISHED))
        .group_by(Ticket.assignee_id)
    )
    return {key: count for key, count in db.session().execute(query) if key is not None}


def names(rules: Iterable[Rule]) -> tuple[dict[int, str], dict[int, str]]:
    """(team → name, person → name) of those that rules hand tickets to."""
    rules = list(rules)
    team_ids = {rule.team_id for rule in rules if rule.team_id}
    user_ids = {rule.user_id for rule in rules if rule.user_id}
    user_ids |= {person for rule in rules for person in rule.people}
    session = db.session()
    found = session.execute(select(Team.id, Team.name).where(Team.id.in_(team_ids)))
    people = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {key: name for key, name in found}, {key: name for key, name in people}  # noqa: C416
