"""The only writer of events: adds the row and runs what webapp/reactions lists, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import inspect

from webapp.core import clock, db
from webapp.core.inserting import insert_one, insert_rows
from webapp.core.updating import flush_together
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
            yield _event({**row, **self.same}), fact


BatchReaction = Callable[[Batch], None]

_GATHERED = "facts"
_EVENTS = inspect(Event).class_manager

_reactions: Reactions = {}
_batch_reactions: dict[Reaction, BatchReaction] = {}


def install(reactions: Reactions) -> None:
    """create_app hands over the table of webapp/reactions, which no lower package may import."""
    global _reactions  # noqa: PLW0603 - one table per process, set once
    _reactions = reactions


def for_batches(reaction: Reaction) -> Callable[[BatchReaction], BatchReaction]:
    """Marks the function that does for a whole batch what `reaction` does for each of its facts."""

    def mark(many: BatchReaction) -> BatchReaction:
        _batch_reactions[reaction] = many
        return many

    return mark


def record(fact: Fact, *, actor: Actor) -> Event:
    """Store one past fact and do what follows from it. Needs an open transaction.

    Within `gathered()` the event is what will be stored, its key apart.
    """
    waiting = _waiting()
    if waiting is not None:
        waiting.append((fact, actor))
        return _event(_row(fact) | _same(fact, actor))
    [(event, _)] = _stored([fact], actor).each()
    for reaction in _reactions[type(fact)]:
        reaction(event, fact)
    return event


def record_many(facts: Iterable[Fact], *, actor: Actor) -> None:
    """As `record`, with one INSERT for facts that are alike, and one call of a reaction that knows batches."""
    waiting = _waiting()
    if waiting is not None:
        waiting += [(fact, actor) for fact in facts]
        return
    for (cls, _), alike in groupby(facts, key=lambda fact: (type(fact), fact.subject_kind)):
        _react(_reactions[cls], _stored(list(alike), actor))


@contextmanager
def gathered() -> Iterator[None]:
    """What is recorded inside is stored at its end, facts that are alike together, and only then has its reactions.

    Nothing is where it ends by an error. For many records that change at once.
    """
    info = db.session().info
    if _GATHERED in info:
        yield  # an outer one stores them
        return
    waiting: list[tuple[Fact, Actor]] = []
    info[_GATHERED] = waiting
    try:
        yield
    finally:
        del info[_GATHERED]
    # By type, so that as many as can be go together. What one record's facts tell of stays in order: of all types that
    # one cause can bring about at once, the names are in the order of telling (edited, status_changed).
    waiting.sort(key=lambda one: one[0].type)
    for actor, same in groupby(waiting, key=lambda one: one[1]):
        record_many([fact for fact, _ in same], actor=actor)


def _waiting() -> list[tuple[Fact, Actor]] | None:
    found: list[tuple[Fact, Actor]] | None = db.session().info.get(_GATHERED)
    return found


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
    flush_together()  # what the facts are about comes first, should something fail
    same = _same(facts[0], actor)
    if len(facts) == 1:
        row = _row(facts[0])
        return Batch(actor, facts, [{"id": insert_one(Event, row, **same), **row}], same)
    ids = db.reserve_ids(Event, len(facts))
    rows = [{"id": id_, **_row(fact)} for fact, id_ in zip(facts, ids, strict=True)]
    insert_rows(Event, rows, **same)
    return Batch(actor, facts, rows, same)


def _event(values: dict[str, Any]) -> Event:
    """As `Event(**values)`, which asks for each column who wants to hear of it: a pull makes thousands to look at."""
    event: Event = _EVENTS.new_instance()
    event.__dict__.update(values)
    return event


def _row(fact: Fact) -> dict[str, Any]:
    return {"subject_id": fact.subject_id, "data": fact.data()}


def _same(fact: Fact, actor: Actor) -> dict[str, Any]:
    """What events of one type have in common that one actor caused at once."""
    return {
        "at": clock.now(),
        "type": fact.type,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "subject_kind": fact.subject_kind,  # some types leave it to each fact
        "internal": fact.internal,
    }
