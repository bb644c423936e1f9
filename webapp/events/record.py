"""The only writer of events: adds the row and runs what webapp/reactions.py lists, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.events.models import Event
from webapp.events.types import Actor, Fact

# A reaction sees the stored event and the typed fact. It may write rows; what leaves, leaves after commit.
Reaction = Callable[[Event, Fact], None]
Reactions = Mapping[type[Fact], tuple[Reaction, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of one type that one actor caused at once."""

    actor: Actor
    facts: Sequence[Fact]
    rows: Sequence[dict[str, Any]]

    def each(self) -> Iterator[tuple[Event, Fact]]:
        for row, fact in zip(self.rows, self.facts, strict=True):
            yield Event(**row), fact


BatchReaction = Callable[[Batch], None]

_reactions: Reactions = {}
_batch_reactions: dict[Reaction, BatchReaction] = {}


def install(reactions: Reactions) -> None:
    """create_app hands over the table of reactions.py, which no lower package may import."""
    global _reactions  # noqa: PLW0603 - one table per process, set once
    _reactions = reactions


def for_batches(reaction: Reaction) -> Callable[[BatchReaction], BatchReaction]:
    """Marks the function that does for a whole batch what `reaction` does for each of its facts."""

    def mark(many: BatchReaction) -> BatchReaction:
        _batch_reactions[reaction] = many
        return many

    return mark


def record(fact: Fact, *, actor: Actor) -> Event:
    """Store one past fact and do what follows from it. Needs an open transaction."""
    rows = _stored([fact], actor)
    event = Event(**rows[0])
    for reaction in _reactions[type(fact)]:
        reaction(event, fact)
    return event


def record_many(facts: Iterable[Fact], *, actor: Actor) -> None:
    """As `record`, with one INSERT for all of them, and one call of a reaction that knows batches."""
    facts = list(facts)
    rows = _stored(facts, actor)
    for cls, together in groupby(zip(facts, rows, strict=True), key=lambda pair: type(pair[0])):
        pairs = list(together)
        batch = Batch(actor, [fact for fact, _ in pairs], [row for _, row in pairs])
        _react(_reactions[cls], batch)


def _react(reactions: Iterable[Reaction], batch: Batch) -> None:
    one_by_one: list[Reaction] = []
    for reaction in reactions:
        many = _batch_reactions.get(reaction) if len(batch.facts) > 1 else None
        if many is None:
            one_by_one.append(reaction)
        else:
            many(batch)
    if one_by_one:
        for event, fact in batch.each():
            for reaction in one_by_one:
                reaction(event, fact)


def _stored(facts: Sequence[Fact], actor: Actor) -> list[dict[str, Any]]:
    if not db.in_transaction():
        raise RuntimeError("record() needs an open transaction().")
    if not facts:
        return []
    db.session().flush()  # what the facts are about comes first, should something fail
    now = clock.now()
    ids = db.reserve_ids(Event, len(facts))
    rows = [_row(each, actor, id_, now) for each, id_ in zip(facts, ids, strict=True)]
    insert_rows(Event, rows)
    return rows


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
