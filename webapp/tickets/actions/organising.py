"""What puts a ticket in its place: priority, due time, team and tags. Each change is one TicketEdited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import Invalid
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import TicketEdited
from webapp.tickets.models import Tag, Team, Ticket
from webapp.tickets.states import LONGEST_TAG, MOST_TAGS, PRIORITIES
from webapp.tickets.texts import clean_line
from webapp.tickets.values import as_text
from webapp.tickets.words import priority_name


def set_priority(ticket: Ticket, priority: int, *, actor: Actor) -> Event | None:
    """None when it is so already. Raises Invalid for what is no priority."""
    if priority not in PRIORITIES:
        raise Invalid(gettext("There is no such priority."))
    old = ticket.priority
    ticket.priority = priority
    return _edited(ticket, "priority", priority_name(old), priority_name(priority), actor=actor)


def set_due(ticket: Ticket, due_at: datetime | None, *, actor: Actor) -> Event | None:
    """When it should be done; None: at no set time."""
    old = ticket.due_at
    ticket.due_at = due_at
    return _edited(ticket, "due_at", as_text(old), as_text(due_at), actor=actor)


def set_team(ticket: Ticket, team: Team | None, *, actor: Actor) -> Event | None:
    """Whose queue it stands in. Raises Invalid where that team takes no tickets any more."""
    if team is not None and not team.active and team.id != ticket.team_id:
        raise Invalid(gettext("%(name)s takes no tickets any more.", name=team.name))
    old = ticket.team.name if ticket.team else None
    ticket.team = team
    return _edited(ticket, "team", old, team.name if team else None, actor=actor)


def set_tags(ticket: Ticket, names: Sequence[str], *, actor: Actor) -> Event | None:
    """It has these tags and no others; those that nobody has used before are made. Raises Invalid."""
    old = ", ".join(tag.name for tag in ticket.tags)
    ticket.tags = tags_named(names)
    new = ", ".join(tag.name for tag in ticket.tags)
    return _edited(ticket, "tags", old or None, new or None, actor=actor)


def add_tags(ticket: Ticket, names: Sequence[str], *, actor: Actor) -> Event | None:
    """It has these tags, too."""
    return set_tags(ticket, [*(tag.name for tag in ticket.tags), *names], actor=actor)


def remove_tags(ticket: Ticket, names: Sequence[str], *, actor: Actor) -> Event | None:
    """It has none of these any more."""
    gone = {tag_key(name) for name in names}
    kept = [tag.name for tag in ticket.tags if tag.key not in gone]
    return set_tags(ticket, kept, actor=actor)


def tags_named(names: Sequence[str]) -> list[Tag]:
    """The tags of those names, in the order of their keys; made where there are none. Raises Invalid."""
    wanted: dict[str, str] = {}
    for name in names:
        if key := tag_key(name):
            wanted.setdefault(key, clean_line(name))
    if len(wanted) > MOST_TAGS:
        raise Invalid(gettext("A ticket can have %(most)s tags at most.", most=MOST_TAGS))
    if any(len(name) > LONGEST_TAG for name in wanted.values()):
        raise Invalid(gettext("A tag can have %(most)s characters at most.", most=LONGEST_TAG))
    if not wanted:
        return []
    session = db.session()
    known = {tag.key: tag for tag in session.new if isinstance(tag, Tag)}
    with session.no_autoflush:  # no tag depends on what the ticket has changed so far
        found = session.scalars(select(Tag).where(Tag.key.in_(wanted)))
        known |= {tag.key: tag for tag in found}
    for key, name in wanted.items():
        if key not in known:
            known[key] = Tag(name=name, key=key)
            session.add(known[key])
    return [known[key] for key in sorted(wanted)]


def tag_key(name: str) -> str:
    """How names are compared: without regard to case and spaces around."""
    return clean_line(name).casefold()[:80]


def _edited(
    ticket: Ticket, field: str, old: str | None, new: str | None, *, actor: Actor
) -> Event | None:
    if old == new:
        return None
    ticket.updated_at = clock.now()
    fact = TicketEdited(
        subject_id=ticket.id, ref=ticket.ref, title=ticket.title, changes={field: [old, new]}
    )
    return record(fact, actor=actor)
