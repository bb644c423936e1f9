"""The only writer of events: adds the row and runs what webapp/reactions.py lists, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.types import Actor, Fact

# A reaction sees the stored event and the typed fact. It may write rows; what leaves, leaves after commit.
Reaction = Callable[[Event, Fact], None]
Reactions = Mapping[type[Fact], tuple[Reaction, ...]]

_reactions: Reactions = {}


def install(reactions: Reactions) -> None:
    """create_app hands over the table of reactions.py, which no lower package may import."""
    global _reactions  # noqa: PLW0603 - one table per process, set once
    _reactions = reactions


def record(fact: Fact, *, actor: Actor) -> Event:
    """Store one past fact and do what follows from it. Needs an open transaction."""
    return record_many([fact], actor=actor)[0]


def record_many(facts: Iterable[Fact], *, actor: Actor) -> list[Event]:
    """As `record`, with one INSERT for all of them."""
    if not db.in_transaction():
        raise RuntimeError("record() needs an open transaction().")
    facts = list(facts)
    if not facts:
        return []
    session = db.session()
    session.flush()  # what the facts are about comes first, should something fail
    now = clock.now()
    ids = db.reserve_ids(Event, len(facts))
    rows = [_row(each, actor, id_, now) for each, id_ in zip(facts, ids, strict=True)]
    session.execute(insert(Event), rows)
    events = [Event(**row) for row in rows]
    for event, fact in zip(events, facts, strict=True):
        for reaction in _reactions[type(fact)]:
            reaction(event, fact)
    return events


def _row(fact: Fact, actor: Actor, event_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": event_id,
        "at": now,
        "type": fact.type,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "subject_kind": fact.subject_kind,
        "subject_id": fact.subject_id,
        "internal": fact.internal,
        "data": fact.data(),
    }
