"""How facts read in a person's own feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from webapp.accounts.events import UserSignedIn
from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import Fact
from webapp.progress import events
from webapp.progress.models import Goal, LearningLog, PortfolioItem, Skill
from webapp.tickets.events import TicketResponded
from webapp.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Line:
    user_id: int
    type: str
    title: str
    link: str


def hours_words(minutes: int) -> str:
    """1 h 30 min; 45 min; 2 h."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{rest} min"] if rest or not hours else []
    return ("−" if minutes < 0 else "") + " ".join(parts)


def milestone_words(name: str) -> str:
    kind, _, figure = name.partition("-")
    if kind == "streak":
        return gettext("%(days)s days in a row", days=figure)
    if kind == "hours":
        return gettext("%(hours)s hours learnt", hours=figure)
    return gettext("The first log")


def line_of(event: Event, fact: Fact) -> Line | None:
    """None: this fact stands in nobody's feed."""
    tell = _LINES.get(type(fact))
    return tell(event, fact) if tell else None


def _own(kind: str, link: str, words: Callable[[Any], str]) -> Callable[[Event, Any], Line]:
    return lambda event, fact: Line(event.subject_id, kind, words(fact), link)


def _log(fact: events.LearningLogged) -> str:
    log = db.session().get_one(LearningLog, fact.log_id)
    return gettext("%(time)s of %(topic)s", time=hours_words(fact.minutes), topic=log.topic)


def _goal(fact: events.GoalCompleted) -> str:
    return gettext("Goal reached: %(title)s", title=db.session().get_one(Goal, fact.goal_id).title)


def _skill(fact: events.SkillAdded) -> str:
    return gettext("New skill: %(name)s", name=db.session().get_one(Skill, fact.skill_id).name)


def _item(fact: events.PortfolioUpdated) -> str:
    title = db.session().get_one(PortfolioItem, fact.item_id).title
    if fact.new:
        return gettext("New in the portfolio: %(title)s", title=title)
    return gettext("Portfolio changed: %(title)s", title=title)


def _milestone(fact: events.MilestoneReached) -> str:
    return gettext("Milestone: %(what)s", what=milestone_words(fact.name))


def _signed_in(event: Event, _fact: UserSignedIn) -> Line:
    return Line(event.subject_id, "login", gettext("You signed in"), "")


def _mailed(event: Event, fact: TicketResponded) -> Line | None:
    """An answer of staff that the reporter is mailed."""
    ticket = db.session().get_one(Ticket, fact.subject_id)
    if event.actor_kind != "user" or event.actor_id is None or not ticket.reporter_email:
        return None
    words = gettext("Your answer to %(ref)s was mailed to the reporter", ref=ticket.ref)
    return Line(event.actor_id, "email_sent", words, f"/tickets/{ticket.ref}")


_LINES: dict[type[Fact], Callable[[Event, Any], Line | None]] = {
    UserSignedIn: _signed_in,
    TicketResponded: _mailed,
    events.LearningLogged: _own("log_created", "/progress/logs", _log),
    events.GoalCompleted: _own("goal_completed", "/progress/goals", _goal),
    events.SkillAdded: _own("skill_added", "/progress/skills", _skill),
    events.PortfolioUpdated: _own("portfolio_updated", "/progress/portfolio", _item),
    events.MilestoneReached: _own("milestone", "/progress", _milestone),
}
