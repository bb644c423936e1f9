"""What a ticket's row in a list shows besides its columns: one statement for all rows of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import String, cast, func, literal, select, union_all
from sqlalchemy.orm import aliased

from webapp.accounts.models import User
from webapp.core import db
from webapp.tickets.composing.models import Draft
from webapp.tickets.models import Tag, Team, Ticket, ticket_tag
from webapp.tickets.relating.models import ChecklistItem


@dataclass
class Chips:
    team: str = ""
    tags: list[str] = field(default_factory=list)
    merged_into: str = ""
    to_do: str = ""  # n/m of its checklist
    draft: bool = False  # of the person who looks

    @property
    def some(self) -> bool:
        return bool(self.team or self.tags or self.merged_into or self.to_do or self.draft)


def chips_of(user: User, tickets: Iterable[Ticket]) -> dict[int, Chips]:
    """ticket's key → its chips, as `user` sees them; also for those without any."""
    shown = list(tickets)
    found: defaultdict[int, Chips] = defaultdict(Chips)
    if not shown:
        return found
    ids = [ticket.id for ticket in shown]
    tags = (
        select(ticket_tag.c.ticket_id, literal("tag").label("kind"), Tag.name.label("words"))
        .join(Tag, Tag.id == ticket_tag.c.tag_id)
        .where(ticket_tag.c.ticket_id.in_(ids))
    )
    teams = (
        select(Ticket.id, literal("team"), Team.name)
        .join(Team, Team.id == Ticket.team_id)
        .where(Ticket.id.in_(ids))
    )
    drafts = select(Draft.ticket_id, literal("draft"), literal("")).where(
        Draft.user_id == user.id, Draft.ticket_id.in_(ids)
    )
    target = aliased(Ticket)
    merged = (
        select(Ticket.id, literal("merged_into"), target.ref)
        .join(target, target.id == Ticket.merged_into_id)
        .where(Ticket.id.in_(ids))
    )
    done = cast(func.count(ChecklistItem.done_at), String)
    items = (
        select(
            ChecklistItem.ticket_id,
            literal("to_do"),
            done + literal("/") + cast(func.count(), String),
        )
        .where(ChecklistItem.ticket_id.in_(ids))
        .group_by(ChecklistItem.ticket_id)
    )
    for ticket_id, kind, words in db.session().execute(
        union_all(tags, teams, drafts, merged, items)
    ):
        if kind == "tag":
            found[ticket_id].tags.append(words)
        elif kind == "draft":
            found[ticket_id].draft = True
        else:
            setattr(found[ticket_id], kind, words)
    for chips in found.values():
        chips.tags.sort(key=str.casefold)
    return found
