"""Who listens in this process: by topic, by person, by socket. Everything here happens under the hub's lock."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from webapp.realtime.listeners import Listener
from webapp.realtime.ring import Entry, runs
from webapp.realtime.watch import SocketWatch

Key = TypeVar("Key")

BEAT_SECONDS = 15.0
# A stream is renewed now and then, so that rights are read anew even where an order to end it was lost.
LIFE_SECONDS = 900.0
SLICE = (
    200  # listeners that are written to before other requests get their turn: about a millisecond
)
# Under gevent a sleep of nothing at all lets only those run who are ready: nobody asks whether requests have come.
A_LOOK_S = 1e-9


class Audience:
    """`beat`: what somebody is sent who has heard nothing for long."""

    def __init__(self, lock: threading.RLock, *, beat: Callable[[], bytes]) -> None:
        self._by_topic: defaultdict[str, set[Listener]] = defaultdict(set)
        self._by_user: defaultdict[int, set[Listener]] = defaultdict(set)
        self._beat = beat
        self.gave_way_s = 0.0  # in all
        self._watch = SocketWatch(lock, leave=self._leave, sweep=self._sweep)
        self.watch_until = self._watch.run

    def __len__(self) -> int:
        return len(self._watch)

    @property
    def people(self) -> list[int]:
        return list(self._by_user)

    def admit(
        self, fd: int, first: Sequence[bytes], *, topics: frozenset[str], user_id: int | None
    ) -> Listener:
        """The socket hears from now on, `first` before all else."""
        renew_at = time.monotonic() + LIFE_SECONDS * random.uniform(0.8, 1.2)
        listener = Listener(fd, self._watch, topics=topics, user_id=user_id, renew_at=renew_at)
        self._watch.add(listener)
        for topic in topics:
            self._by_topic[topic].add(listener)
        if user_id is not None:
            self._by_user[user_id].add(listener)
        listener.open(first)
        return listener

    def tell(self, entries: Sequence[Entry]) -> None:
        """Each listener gets what it may hear of `entries` in one piece, shared with all who hear the same."""
        now = time.monotonic()
        told = 0  # since others had their turn
        for chunk, listeners in self._portions(runs(entries)):
            for first in range(0, len(listeners), SLICE):
                some = listeners[first : first + SLICE]
                for listener in some:
                    listener.heard_at = now
                    listener.push(chunk)
                told += len(some)
                if told >= SLICE:
                    self._give_way()
                    told = 0

    def _portions(
        self, pieces: Sequence[tuple[frozenset[str], bytes]]
    ) -> Iterator[tuple[bytes, list[Listener]]]:
        """What is to be sent, and to whom: every listener once."""
        if len(pieces) == 1:  # as it mostly is: nobody has to be asked what else they hear
            ((topics, chunk),) = pieces
            yield chunk, list(self._hearers(topics))
            return
        heard: dict[Listener, int] = {}  # bit n: hears piece n
        for number, (topics, _) in enumerate(pieces):
            for listener in self._hearers(topics):
                heard[listener] = heard.get(listener, 0) | 1 << number
        alike: defaultdict[int, list[Listener]] = defaultdict(list)
        for listener, mask in heard.items():
            alike[mask].append(listener)
        for mask, listeners in alike.items():
            yield (
                b"".join(piece for number, (_, piece) in enumerate(pieces) if mask >> number & 1),
                listeners,
            )

    def _give_way(self) -> None:
        """Nobody comes or leaves meanwhile: that takes the lock."""
        began = time.monotonic()
        time.sleep(A_LOOK_S)
        self.gave_way_s += time.monotonic() - began

    def tell_everybody(self, frame: bytes) -> None:
        for listener in self._watch.everybody():
            listener.push(frame)

    def end(self, user_id: int | None = None) -> None:
        """The streams of one person, or all."""
        listeners = self._watch.everybody() if user_id is None else self._by_user.get(user_id, ())
        for listener in listeners:
            listener.end()

    def _hearers(self, topics: frozenset[str]) -> Iterable[Listener]:
        if len(topics) == 1:
            (topic,) = topics
            return self._by_topic.get(topic, ())
        return set().union(*(self._by_topic.get(topic, ()) for topic in topics))

    def _leave(self, listener: Listener) -> None:
        for topic in listener.topics:
            _discard(self._by_topic, topic, who=listener)
        if listener.user_id is not None:
            _discard(self._by_user, listener.user_id, who=listener)

    def _sweep(self, listeners: Sequence[Listener]) -> None:
        """A beat for those who heard nothing for long; an end for those who are to come anew."""
        now = time.monotonic()
        beat = self._beat()
        for listener in listeners:
            if now > listener.renew_at:
                listener.end()
            elif now - listener.heard_at > BEAT_SECONDS:
                listener.heard_at = now
                listener.push(beat)


def _discard(table: dict[Key, set[Listener]], key: Key, *, who: Listener) -> None:
    members = table.get(key)
    if members is not None:
        members.discard(who)
        if not members:
            del table[key]
