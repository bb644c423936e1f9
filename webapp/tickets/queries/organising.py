"""What tickets can be put in order by: teams, tags, and the people in a team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select, union_all
from sqlalchemy.orm import selectinload

from webapp.core import db
from webapp.tickets.models import Tag, Team, ticket_tag

TAGS_SHOWN = 50
TAGS_OFFERED = 20
COUNTED_UP_TO = 1000  # as in the list of tickets


@dataclass(frozen=True)
class CountedTag:
    id: int
    name: str
    tickets: int  # at most COUNTED_UP_TO + 1


def teams(*, active_only: bool = False) -> Sequence[Team]:
    """By name, with their members."""
    query = select(Team).options(selectinload(Team.members)).order_by(Team.name)
    if active_only:
        query = query.where(Team.active.is_(True))
    return db.session().scalars(query).all()


def team_choices(own_id: int | None) -> list[tuple[int, str]]:
    """(key, name) of what a ticket may go to: active teams, and the one that has it."""
    query = select(Team.id, Team.name).where(or_(Team.active.is_(True), Team.id == own_id))
    return [(key, name) for key, name in db.session().execute(query.order_by(Team.name))]


def tags_like(words: str, *, limit: int = TAGS_OFFERED) -> list[str]:
    """Names of tags that begin with `words`, then those that hold them."""
    key = words.strip().casefold()
    query = select(Tag.name, Tag.key).where(Tag.key.contains(key, autoescape=True))
    begins = Tag.key.startswith(key, autoescape=True)
    found = db.session().execute(query.order_by(begins.desc(), Tag.key).limit(limit))
    return [name for name, _ in found]


def tags_page(words: str, *, after: str = "") -> tuple[list[CountedTag], str | None]:
    """Tags by name after the key `after`, with how many tickets have each; and where the next page begins."""
    query = select(Tag).where(Tag.key > after).order_by(Tag.key).limit(TAGS_SHOWN + 1)
    if words:
        query = query.where(Tag.key.contains(words.strip().casefold(), autoescape=True))
    found = db.session().scalars(query).all()
    shown = found[:TAGS_SHOWN]
    counts = _counts([tag.id for tag in shown])
    rows = [CountedTag(tag.id, tag.name, counts.get(tag.id, 0)) for tag in shown]
    return rows, shown[-1].key if len(found) > TAGS_SHOWN else None


def _counts(ids: Sequence[int]) -> dict[int, int]:
    """tag → how many tickets have it, none counted further than needed, in one statement."""
    if not ids:
        return {}
    each = []
    for tag_id in ids:
        some = select(ticket_tag.c.ticket_id).where(ticket_tag.c.tag_id == tag_id)
        some_ids = some.limit(COUNTED_UP_TO + 1).subquery()
        each.append(select(literal(tag_id), func.count()).select_from(some_ids))
    return {tag_id: count for tag_id, count in db.session().execute(union_all(*each))}  # noqa: C416
