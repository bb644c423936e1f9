"""Short messages on open pages, gathered per transaction: a page of 100 pulled tickets is not 100 toasts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from flask_babel import ngettext
from sqlalchemy.orm import SessionTransaction

from webapp.core import clock, db
from webapp.events.types import Actor
from webapp.notifications import emitting, kinds
from webapp.notifications.emitting import Toast
from webapp.notifications.folding import SHOWN

# A first pull commits page after page; its pages tell of themselves at most this often, per process.
QUIET = timedelta(seconds=15)


@dataclass(frozen=True)
class Told:
    """A toast, who caused it, and the topics that hear it: `loud` ones with a sound. `count`: how many it stands for,
    where it is not among the first."""

    toast: Toast
    actor: Actor
    topics: frozenset[str]
    loud: frozenset[str] = frozenset()
    count: int = 1


@dataclass
class _Batch:
    """The toasts of one transaction; called after its commit."""

    told: list[Told] = field(default_factory=list)

    def __call__(self) -> None:
        emitting.toasts(condense(_without_quiet(self.told)))


_batches: WeakKeyDictionary[SessionTransaction, _Batch] = WeakKeyDictionary()
_spoke: dict[tuple[str, Actor], datetime] = {}


def gather(told: Sequence[Told]) -> None:
    """Shown after the commit, condensed. Never after a rollback."""
    told = [one for one in told if one.topics]
    if not told:
        return
    running = db.session().get_transaction()
    if running is None:
        raise RuntimeError("gather() needs an open transaction().")
    batch = _batches.get(running)
    if batch is None:
        batch = _batches[running] = _Batch()
        db.after_commit(batch)
    batch.told += told


def condense(told: Sequence[Told]) -> list[tuple[Toast, frozenset[str]]]:
    """To each topic at most three of one kind and cause one by one, then one with the number of the others.
    What several topics hear alike is said once, to all of them."""
    alike: dict[tuple[str, str, Actor], list[tuple[int, Told]]] = defaultdict(list)
    for place, one in enumerate(told):
        for topic in sorted(one.topics):
            alike[topic, one.toast.kind, one.actor].append((place, one))
    shown: dict[tuple[int, Toast], set[str]] = defaultdict(set)
    for (topic, _kind, actor), ones in alike.items():
        for place, one in ones[:SHOWN]:
            toast = one.toast.with_sound(topic in one.loud)
            shown[place, toast].add(topic)
        if len(ones) > SHOWN:
            (place, last), count = ones[-1], sum(one.count for _, one in ones[SHOWN:])
            shown[place, _figure(last.toast, count, actor)].add(topic)
    ordered = sorted(shown.items(), key=lambda each: each[0][0])
    return [(toast, frozenset(topics)) for (_, toast), topics in ordered]


def _figure(toast: Toast, count: int, actor: Actor) -> Toast:
    url = toast.url and place_of_many(toast.kind)
    return Toast(toast.kind, many_in_words(toast.kind, count, actor.name), url)


def place_of_many(kind: str) -> str:
    """Where many of a kind are looked at."""
    return "/tickets" if kind in (kinds.NEW, kinds.UPDATED, kinds.RESPONSE) else "/notifications"


def many_in_words(kind: str, count: int, name: str) -> str:
    match kind:
        case kinds.NEW:
            text = ngettext(
                "%(num)s more new ticket from %(name)s",
                "%(num)s more new tickets from %(name)s",
                count,
                name=name,
            )
        case kinds.UPDATED:
            text = ngettext(
                "%(num)s more ticket updated by %(name)s",
                "%(num)s more tickets updated by %(name)s",
                count,
                name=name,
            )
        case kinds.RESPONSE:
            text = ngettext(
                "%(num)s more response by %(name)s",
                "%(num)s more responses by %(name)s",
                count,
                name=name,
            )
        case _:
            text = ngettext("%(num)s more message", "%(num)s more messages", count)
    return str(text)


def _without_quiet(told: list[Told]) -> list[Told]:
    """Leaves out what a connection tells staff within moments of having told the like; people are always heard."""
    now = clock.now()
    for cause in [cause for cause, at in _spoke.items() if now - at >= QUIET]:
        del _spoke[cause]
    quiet = set(_spoke)
    for one in told:
        if _may_be_left_out(one):
            _spoke.setdefault((one.toast.kind, one.actor), now)
    return [
        one for one in told if not (_may_be_left_out(one) and (one.toast.kind, one.actor) in quiet)
    ]


def _may_be_left_out(one: Told) -> bool:
    """A reporter's own page hears everything."""
    return one.actor.kind == "connection" and not any(t.startswith("follow:") for t in one.topics)


def forget() -> None:
    """Forget who spoke when; tests begin with it."""
    _spoke.clear()
