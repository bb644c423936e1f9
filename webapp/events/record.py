"""The only writer of events: adds the row and runs what webapp/reactions.py lists, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    """Facts of one type, about subjects of one kind, that one actor caused at once."""

    actor: Actor
    facts: Sequence[Fact]
    rows: Sequence[dict[str, Any]]  # of the events, as far as they differ
    same: dict[str, Any]

    def each(self) -> Iterator[tuple[Event, Fact]]:
        for row, fact in zip(self.rows, self.facts, strict=True):
            yield Event(**row, **self.same), fact


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
    [(event, _)] = _stored([fact], actor).each()
    for reaction in _reactions[type(fact)]:
        reaction(event, fact)
    return event


def record_many(facts: Iterable[Fact], *, actor: Actor) -> None:
    """As `record`, with one INSERT for facts that are alike, and one call of a reaction that knows batches."""
    for (cls, _), alike in groupby(facts, key=lambda fact: (type(fact), fact.subject_kind)):
        _react(_reactions[cls], _stored(list(alike), actor))


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


def _stored(facts: Sequence[Fact], actor: Actor) -> Batch:
    """`facts`: of one type, about subjects of one kind."""
    if not db.in_transaction():
        raise RuntimeError("record() needs an open transaction().")
    db.session().flush()  # what the facts are about comes first, should something fail
    ids, cls = db.reserve_ids(Event, len(facts)), type(facts[0])
    rows = [
        {"id": id_, "subject_id": fact.subject_id, "data": fact.data()}
        for fact, id_ in zip(facts, ids, strict=True)
    ]
    same = {
        "at": clock.now(),
        "type": cls.type,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "subject_kind": facts[0].subject_kind,  # some types leave it to each fact
        "internal": cls.internal,
    }
    insert_rows(Event, rows, **same)
    return Batch(actor, facts, rows, same)
