"""One per web process: reads the stream once for all, keeps the last entries, hands each to those who may hear it.

The reader starts with the first stream or page that needs it: a greenlet under gunicorn's gevent worker (which patches
`threading`), a thread elsewhere. It outlives Redis: while Redis is away it waits, longer each time and jittered, and
then tells every page to read its regions anew, because publishers may have failed meanwhile.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

import redis

from webapp.realtime import stream
from webapp.realtime.frames import READY, RESYNC, EntryId, signpost
from webapp.realtime.listeners import Listener
from webapp.realtime.ring import Entry, Ring, Unknown

log = logging.getLogger(__name__)
Key = TypeVar("Key")

BATCH = 200
IDLE_MS = 2_000  # how long one read waits; an emptied stream is noticed after this at the latest
LONGEST_WAIT = 10.0  # seconds between tries while Redis is away


class Hub:
    """`connect` gives a Redis client whose socket timeout is longer than IDLE_MS and which does not retry."""

    def __init__(self, connect: Callable[[], redis.Redis], *, idle_ms: int = IDLE_MS) -> None:
        self._connect = connect
        self._idle_ms = idle_ms
        self._lock = threading.RLock()
        self._ring = Ring()
        self._by_topic: defaultdict[str, set[Listener]] = defaultdict(set)
        self._by_user: defaultdict[int, set[Listener]] = defaultdict(set)
        self._count = 0
        self._pid = 0
        self._filled = threading.Event()
        self._stopping = threading.Event()
        # The newest entry that everybody has in their queue. None: nothing is known yet.
        self.tip: EntryId | None = None
        self.connected = False

    def __len__(self) -> int:
        return self._count

    def start(self, *, wait: float = 0.0) -> None:
        """Start the reader in this process unless it runs; give it `wait` seconds to fill the ring."""
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():  # a fork copies the object, not its thread
                    self._pid = os.getpid()
                    threading.Thread(target=self._run, name="live-hub", daemon=True).start()
        if wait and not self._filled.is_set():
            self._filled.wait(wait)

    def stop(self) -> None:
        """End the reader and all streams, for a process that is going away."""
        self._stopping.set()
        for listener in self._everybody():
            listener.end()

    def join(
        self, listener: Listener, *, cursor: EntryId | None, rights_as_of: EntryId | None
    ) -> bytes:
        """Let `listener` hear from now on. Gives the bytes to send first: all missed since `cursor`, or `resync`.

        `rights_as_of`: the tip before the listener's rights were read; an order to end that user's streams that
        came since then ends this one too.
        """
        self._await(cursor)
        with self._lock:
            missed = self._missed(listener.topics, cursor)
            for topic in listener.topics:
                self._by_topic[topic].add(listener)
            if listener.user_id is not None:
                self._by_user[listener.user_id].add(listener)
            self._count += 1
            if self._stopping.is_set() or self._ended_since(rights_as_of, listener.user_id):
                listener.end()
            opening = (
                [signpost(RESYNC, self.tip)]
                if missed is None
                else [entry.frame for entry in missed]
            )
            return b"".join([*opening, signpost(READY, self.tip)])

    def leave(self, listener: Listener) -> None:
        with self._lock:
            for topic in listener.topics:
                _discard(self._by_topic, topic, who=listener)
            if listener.user_id is not None:
                _discard(self._by_user, listener.user_id, who=listener)
            self._count -= 1

    def missed(
        self, topics: frozenset[str], cursor: EntryId | None
    ) -> tuple[list[Entry] | None, EntryId | None]:
        """For those who poll: the entries after `cursor` (None: read everything anew), and the new cursor."""
        self._await(cursor)
        with self._lock:
            return self._missed(topics, cursor), self.tip

    def _await(self, cursor: EntryId | None) -> None:
        # The cursor may come from another process whose reader is a moment ahead of ours.
        deadline = time.monotonic() + 1.0
        while (
            self.connected
            and cursor
            and self.tip
            and cursor > self.tip
            and time.monotonic() < deadline
        ):
            time.sleep(0.02)

    def _missed(self, topics: frozenset[str], cursor: EntryId | None) -> list[Entry] | None:
        if cursor is None:
            return None
        try:
            return [entry for entry in self._ring.after(cursor) if entry.topics & topics]
        except Unknown:
            return None

    def _ended_since(self, moment: EntryId | None, user_id: int | None) -> bool:
        if user_id is None or moment == self.tip:
            return False
        try:
            return moment is None or any(
                entry.ends == user_id for entry in self._ring.after(moment)
            )
        except Unknown:
            return True

    # The reader, in its own greenlet or thread.

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                client = self._connect()
                self._refill(client)
                failures = self._note_connected(failures)
                self._follow(client)
            except redis.RedisError as error:
                self.connected = False
                if failures == 0:
                    log.warning("live: Redis is away (%s); pages wait", type(error).__name__)
                failures += 1
                self._stopping.wait(
                    random.uniform(0.5, 1.0) * min(LONGEST_WAIT, 0.25 * 2**failures)
                )

    def _note_connected(self, failures: int) -> int:
        if failures:
            log.warning("live: Redis is back; pages read their regions anew")
        self.connected = True
        self._filled.set()
        return 0

    def _follow(self, client: redis.Redis) -> None:
        while not self._stopping.is_set():
            before = self.tip
            if before is None:
                return
            entries = stream.read(client, before, count=BATCH, block_ms=self._idle_ms)
            # Idle or behind: is what we read last still there? If not, entries were lost to us.
            # (A stream that has outrun us holds far more than one batch, so the batch is full.)
            if len(entries) in (0, BATCH) and not stream.holds(client, before):
                log.warning(
                    "live: the stream was emptied or has run ahead; pages read their regions anew"
                )
                self._refill(client)
            else:
                self._hand_out(entries)

    def _refill(self, client: redis.Redis) -> None:
        """Read the stream's end afresh, and tell everybody that entries may have been missed.

        After a break only the tip is kept, so that cursors from before it get a resync too.
        """
        stream.ensure(client)
        entries = stream.newest(client, stream.MOST_ENTRIES if self.tip is None else 1)
        with self._lock:
            self._ring.clear()
            for entry in entries:
                self._ring.add(entry)
            self._resync_all(self._ring.tip)

    def _hand_out(self, entries: Iterable[Entry]) -> None:
        with self._lock:
            for entry in entries:
                if stream.is_marker(entry):
                    self._ring.clear()
                self._ring.add(entry)
                if stream.is_marker(entry):
                    self._resync_all(entry.id)
                elif entry.ends is not None:
                    for listener in list(self._by_user.get(entry.ends, ())):
                        listener.end()
                else:
                    self._tell(entry)
            self.tip = self._ring.tip

    def _tell(self, entry: Entry) -> None:
        if len(entry.topics) == 1:
            (topic,) = entry.topics
            hearers: Iterable[Listener] = self._by_topic.get(topic, ())
        else:
            hearers = set().union(*(self._by_topic.get(topic, ()) for topic in entry.topics))
        for listener in hearers:
            listener.push(entry.frame)

    def _resync_all(self, tip: EntryId | None) -> None:
        for listener in self._everybody():
            listener.push(signpost(RESYNC, tip))
        self.tip = tip

    def _everybody(self) -> set[Listener]:
        with self._lock:
            return set().union(*self._by_topic.values())


def _discard(table: dict[Key, set[Listener]], key: Key, *, who: Listener) -> None:
    members = table.get(key)
    if members is not None:
        members.discard(who)
        if not members:
            del table[key]
