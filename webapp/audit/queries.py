"""Readings of the trail: filtered, newest first, paged by key so that page 10,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from webapp.accounts.models import User
from webapp.audit.forms import Filter, split
from webapp.claims.models import Bordereau, Bulletin
from webapp.core import db
from webapp.events.models import Event
from webapp.tickets.models import Ticket

PAGE = 50
_CHUNK = 1000
_NAMES = (
    ("user", User.id, User.name),
    ("progress", User.id, User.name),
    ("ticket", Ticket.id, Ticket.ref),
    ("bordereau", Bordereau.id, Bordereau.reference),
    ("bulletin", Bulletin.id, Bulletin.number),
)


@dataclass(frozen=True)
class Page:
    """Events newest first; the keys of the neighbouring pages, None where there is none."""

    events: Sequence[Event]
    newer_after: int | None
    older_before: int | None


def page_of(
    chosen: Filter,
    *,
    zone: ZoneInfo,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Page:
    """One page older than `before`, or newer than `after`, or the newest."""
    query = _narrowed(chosen, zone)
    if after is not None:
        found = _rows(query.where(Event.id > after).order_by(Event.id).limit(limit + 1))
        if len(found) <= limit:  # the newest page is reached: show it whole
            return page_of(chosen, zone=zone, limit=limit)
        events = list(reversed(found[:limit]))
        return Page(events, newer_after=events[0].id, older_before=events[-1].id)
    if before is not None:
        query = query.where(Event.id < before)
    found = _rows(query.order_by(Event.id.desc()).limit(limit + 1))
    events = list(found[:limit])
    return Page(
        events,
        newer_after=_newer_key(before, events),
        older_before=events[-1].id if len(found) > limit else None,
    )


def all_of(chosen: Filter, *, zone: ZoneInfo) -> Iterator[Event]:
    """Every event that the filter leaves, newest first, read in pieces: memory stays flat at any size."""
    query = _narrowed(chosen, zone)
    last: int | None = None
    while True:
        piece = query if last is None else query.where(Event.id < last)
        events = _rows(piece.order_by(Event.id.desc()).limit(_CHUNK))
        yield from events
        if len(events) < _CHUNK:
            return
        last = events[-1].id
        for event in events:
            db.session().expunge(event)


def newest(
    *, limit: int, subject_kinds: Collection[str] = (), without_types: Collection[str] = ()
) -> Sequence[Event]:
    """The feed: the newest events of some kinds of subject, leaving out some types."""
    query = select(Event).order_by(Event.id.desc()).limit(limit)
    if subject_kinds:
        query = query.where(Event.subject_kind.in_(subject_kinds))
    if without_types:
        query = query.where(Event.type.not_in(without_types))
    return _rows(query)


def newest_of(*, actor: tuple[str, int], limit: int) -> Sequence[Event]:
    """What one actor (kind, id) did last."""
    query = select(Event).where(Event.actor_kind == actor[0], Event.actor_id == actor[1])
    return _rows(query.order_by(Event.id.desc()).limit(limit))


def people() -> Sequence[User]:
    """Everybody who can appear as an actor, by name."""
    return db.session().scalars(select(User).order_by(User.name)).all()


def names_of(events: Collection[Event]) -> dict[tuple[str, int], str]:
    """What subjects are called now, where the event itself does not say: people by name, records by reference."""
    found: dict[tuple[str, int], str] = {}
    for kind, key, name in _NAMES:
        ids = {e.subject_id for e in events if e.subject_kind == kind and "ref" not in e.data}
        if ids:
            rows = db.session().execute(select(key, name).where(key.in_(ids)))
            found |= {(kind, number): text for number, text in rows}
    return found


def _narrowed(chosen: Filter, zone: ZoneInfo) -> Select[Event]:
    query = select(Event)
    actor_kind, actor_id = split(chosen.actor)
    subject_kind, subject_id = split(chosen.subject)
    wanted = (
        (Event.actor_kind, actor_kind or None),
        (Event.actor_id, actor_id),
        (Event.subject_kind, subject_kind or None),
        (Event.subject_id, subject_id),
        (Event.type, chosen.type or None),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if (start := chosen.start(zone)) is not None:
        query = query.where(Event.at >= start)
    if (end := chosen.end(zone)) is not None:
        query = query.where(Event.at < end)
    return query


def _rows(query: Select[Event]) -> Sequence[Event]:
    return db.session().scalars(query).all()


def _newer_key(before: int | None, events: Sequence[Event]) -> int | None:
    if before is None:
        return None
    return events[0].id if events else before - 1
