"""What a ticket's row in a list shows besides its columns: one statement for all rows of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial

from sqlalchemy import (
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.among import among_given, given
from webapp.core.plain import Plain
from webapp.tickets.composing.models import Draft
from webapp.tickets.models import Tag, ticket_tag
from webapp.tickets.queries.listing import Listed
from webapp.tickets.relating.models import ChecklistItem


@dataclass
class Chips:
    tags: list[str] = field(default_factory=list)
    to_do: str = ""  # n/m of its checklist
    draft: bool = False  # of the person who looks

    @property
    def looks(self) -> tuple[object, ...]:
        return (*self.tags, self.to_do, self.draft)


@cache
def _statement(dialect: str) -> Plain:
    """Made once: to word it anew takes longer than to run it."""
    of_tickets = partial(among_given, name="ids", dialect=dialect)
    tags = (
        select(ticket_tag.c.ticket_id, literal("tag"), Tag.name)
        .join(Tag, Tag.id == ticket_tag.c.tag_id)
        .where(of_tickets(ticket_tag.c.ticket_id))
    )
    drafts = select(Draft.ticket_id, literal("draft"), literal("")).where(
        Draft.user_id == bindparam("user_id"), of_tickets(Draft.ticket_id)
    )
    done = cast(func.count(ChecklistItem.done_at), String)
    items = (
        select(
            ChecklistItem.ticket_id,
            literal("to_do"),
            done + literal("/") + cast(func.count(), String),
        )
        .where(of_tickets(ChecklistItem.ticket_id))
        .group_by(ChecklistItem.ticket_id)
    )
    return Plain(union_all(tags, drafts, items))


def chips_of(user: User, tickets: Iterable[Listed]) -> dict[int, Chips | None]:
    """ticket's key → its chips, as `user` sees them; None for one without any."""
    ids = [ticket.id for ticket in tickets]
    if not ids:
        return {}
    found: defaultdict[int, Chips] = defaultdict(Chips)
    dialect = db.session().get_bind().dialect.name
    values = {"ids": given(ids, dialect), "user_id": user.id}
    for ticket_id, kind, words in _statement(dialect).all(values):
        chips = found[ticket_id]
        if kind == "tag":
            chips.tags.append(words)
        elif kind == "draft":
            chips.draft = True
        else:
            chips.to_do = words
    for chips in found.values():
        chips.tags.sort(key=str.casefold)
    return {**dict.fromkeys(ids), **found}
