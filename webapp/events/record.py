"""The only writer of events: adds the row and runs what webapp/reactions.py lists, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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
    events = [_row(fact, actor) for fact in facts]
    session = db.session()
    session.add_all(events)
    session.flush()
    for event, fact in zip(events, facts, strict=True):
        for reaction in _reactions[type(fact)]:
            reaction(event, fact)
    return events


def _row(fact: Fact, actor: Actor) -> Event:
    return Event(
        at=clock.now(),
        type=fact.type,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind=fact.subject_kind,
        subject_id=fact.subject_id,
        internal=fact.internal,
        data=fact.data(),
    )
