"""Short messages on open pages, gathered per transaction: a page of 100 pulled tickets is not 100 toasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy.orm import SessionTransaction

from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import Batch
from webapp.events.types import Actor, Fact
from webapp.notifications.audience import MOST_ALIKE, Toast, Told, condense, toasts_for
from webapp.tickets.events import TicketCreated

Emit = Callable[[Toast], None]

# A first pull commits page after page; its pages tell of themselves at most this often, per process.
QUIET = timedelta(seconds=15)


@dataclass
class _Batch:
    """The toasts of one transaction; called after its commit."""

    emit: Emit
    told: list[Told] = field(default_factory=list)

    def __call__(self) -> None:
        for toast in condense(_without_quiet(self.told)):
            self.emit(toast)


_batches: WeakKeyDictionary[SessionTransaction, _Batch] = WeakKeyDictionary()
_spoke: dict[tuple[str, str, Actor], datetime] = {}


def gather(event: Event, fact: Fact, *, emit: Emit) -> None:
    """A reaction: what `fact` has to say is given to `emit` after the commit, condensed. Never after a rollback."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    _add([Told(toast, actor) for toast in toasts_for(fact, actor=actor)], emit)


def gather_many(batch: Batch, *, emit: Emit) -> None:
    """The same for facts of one type. Of new tickets only the first few are ever named: the others are a figure."""
    actor, facts = batch.actor, batch.facts
    named = facts[:MOST_ALIKE] if isinstance(facts[0], TicketCreated) else facts
    told = [Told(toast, actor) for fact in named for toast in toasts_for(fact, actor=actor)]
    _add(told + told[-1:] * (len(facts) - len(named)), emit)


def _add(told: list[Told], emit: Emit) -> None:
    if not told:
        return
    running = db.session().get_transaction()
    if running is None:
        raise RuntimeError("gather() needs an open transaction().")
    batch = _batches.get(running)
    if batch is None:
        batch = _batches[running] = _Batch(emit)
        db.after_commit(batch)
    batch.told += told


def _without_quiet(told: list[Told]) -> list[Told]:
    """Leaves out what a connection tells staff within moments of having told the like; people are always heard."""
    now = clock.now()
    for cause in [cause for cause, at in _spoke.items() if now - at >= QUIET]:
        del _spoke[cause]
    quiet = set(_spoke)
    for one in told:
        if one.actor.kind == "connection" and one.toast.topic == "staff":
            _spoke.setdefault(_cause(one), now)
    return [one for one in told if _cause(one) not in quiet]


def _cause(one: Told) -> tuple[str, str, Actor]:
    return one.toast.topic, one.toast.kind, one.actor


def forget() -> None:
    """Forget who spoke when; tests begin with it."""
    _spoke.clear()
