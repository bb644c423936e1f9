"""Rules of assignment are made, ordered, switched and removed; the audit trail tells of each."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts.events import DeskEdited
from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import db
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.assigning.models import AssignmentRule
from webapp.tickets.assigning.queries import all_rules
from webapp.tickets.models import Team

MOST_RULES = 200


def add_rule(
    *,
    category: str,
    barangay: str,
    source: str,
    team_id: int | None,
    user_id: int | None,
    least_busy: bool,
    actor: Actor,
) -> AssignmentRule:
    """At the end of the order. Raises Invalid where it hands tickets to nobody, or to who is not there."""
    if team_id is None and (user_id is None or least_busy):
        words = gettext("Choose the team or the person who takes these tickets.")
        raise Invalid(words, fields={"team_id": words})
    session, gone = db.session(), gettext("Please choose one of the list.")
    for name, model, key in (("team_id", Team, team_id), ("user_id", User, user_id)):
        if key is not None and session.get(model, key) is None:
            raise Invalid(gone, fields={name: gone})
    count, last = (
        db.session().execute(select(func.count(), func.max(AssignmentRule.position))).one()
    )
    if count >= MOST_RULES:
        words = gettext("There can be %(most)s rules at most.", most=MOST_RULES)
        raise Invalid(words, fields={"": words})
    rule = AssignmentRule(
        position=(last or 0) + 1,
        category=category,
        barangay=barangay,
        source=source,
        team_id=team_id,
        user_id=None if least_busy else user_id,
        least_busy=least_busy,
        active=True,
    )
    db.session().add(rule)
    _note("", _told(rule), actor)
    return rule


def change_rule(rule_id: int, do: str, *, actor: Actor) -> None:
    """`do`: up, down, on, off or remove. Raises NotFound, Invalid."""
    rule = db.session().get(AssignmentRule, rule_id)
    if rule is None:
        raise NotFound(gettext("There is no such rule."))
    if do in ("up", "down"):
        _move(rule, -1 if do == "up" else 1)
        words = gettext("moved up") if do == "up" else gettext("moved down")
    elif do in ("on", "off"):
        rule.active = do == "on"
        words = gettext("switched on") if rule.active else gettext("switched off")
    elif do == "remove":
        db.session().delete(rule)
        words = gettext("removed")
    else:
        raise Invalid(gettext("Choose what is to be done with it."))
    _note(_told(rule), words, actor)


def _move(rule: AssignmentRule, by: int) -> None:
    rules = list(all_rules())
    at = rules.index(rule)
    if 0 <= at + by < len(rules):
        rules.insert(at + by, rules.pop(at))
    for position, each in enumerate(rules, start=1):
        each.position = position


def _told(rule: AssignmentRule) -> str:
    conditions = [rule.category, rule.barangay, rule.source]
    return " · ".join(each for each in conditions if each) or gettext("every ticket")


def _note(old: str, new: str, actor: Actor) -> None:
    db.session().flush()
    changes = {"assignment_rules": [old, new]}
    record(DeskEdited(subject_id=desk().id or 0, changes=changes), actor=actor)
