"""One per web process: reads the stream once for all, keeps the last entries, writes each to those who may hear it.

The reader starts with the first stream or page that needs it: a greenlet under gunicorn's gevent worker (which patches
`threading`), a thread elsewhere. It outlives Redis: while Redis is away it waits, longer each time and jittered, and
then tells every page to read its regions anew, because publishers may have failed meanwhile. It writes to the sockets
itself, shared bytes and without ever waiting for one. It gives way to requests in between, and then for a quarter of
the time that the writing took: what comes meanwhile goes out together.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Sequence

import redis

from webapp.realtime import presence, stream
from webapp.realtime.audience import Audience
from webapp.realtime.frames import BEAT, BEHIND, READY, RESYNC, EntryId, named, signpost
from webapp.realtime.listeners import Listener
from webapp.realtime.ring import Entry, Ring, Unknown

log = logging.getLogger(__name__)

BATCH = 200
IDLE_MS = 2_000  # how long one read waits; an emptied stream is noticed after this at the latest
LONGEST_WAIT = 10.0  # seconds between tries while Redis is away
TELLS_S = 10.0  # how often a process says who has a page open
PAUSE = 0.25  # of the time that a hand-out took, so that pages are served between two
LONGEST_PAUSE = 0.1  # seconds
MOST_STREAMS = 10_000  # in one process
FILLS_S = 5.0  # a process that has just begun reads the stream first: else who resumes here would read all anew
NO_NEWS = b": no news can arrive\n\n"


class Hub:
    """`connect` gives a Redis client whose socket timeout is longer than IDLE_MS and which does not retry."""

    def __init__(self, connect: Callable[[], redis.Redis], *, idle_ms: int = IDLE_MS) -> None:
        self._connect = connect
        self._idle_ms = idle_ms
        self._lock = threading.RLock()
        self._ring = Ring()
        self._audience = Audience(self._lock, beat=self._beat)
        self._pid = 0
        self._people: set[int] = set()  # of whom was told last
        self._polled: set[int] = set()  # who asked since then
        self._told_at = 0.0
        self._filled = threading.Event()
        self._stopping = threading.Event()
        # The newest entry that everybody was sent. None: nothing is known yet.
        self.tip: EntryId | None = None
        self.connected = False

    def __len__(self) -> int:
        return len(self._audience)

    @property
    def is_full(self) -> bool:
        return len(self) >= MOST_STREAMS

    def start(self, *, wait: float = 0.0) -> None:
        """Start the reader in this process unless it runs; give it `wait` seconds to fill the ring, or to fail."""
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():  # a fork copies the object, not its thread
                    self._pid = os.getpid()
                    for name, loop in (("hub", self._run), ("watch", self._watch)):
                        threading.Thread(target=loop, name=f"live-{name}", daemon=True).start()
        if wait and not self._filled.is_set():
            self._filled.wait(wait)

    def stop(self) -> None:
        """End the reader and all streams, for a process that is going away."""
        self._stopping.set()
        with self._lock:
            self._audience.end()

    def also_seen(self, user_id: int | None) -> None:
        """Somebody who polls has a page open, too."""
        if user_id is not None:
            self._polled.add(user_id)

    def join(
        self,
        fd: int,
        head: bytes,
        *,
        topics: frozenset[str],
        user_id: int | None,
        cursor: EntryId | None,
        rights_as_of: EntryId | None,
    ) -> Listener:
        """Let the socket `fd` hear from now on: first `head`, then all missed since `cursor`, or `resync`.

        `rights_as_of`: the tip before the listener's rights were read; an order to end that user's streams that
        came since then ends this one too.
        """
        self._await(cursor)
        with self._lock:
            first = [head, *self._opening(topics, cursor)]
            listener = self._audience.admit(fd, first, topics=topics, user_id=user_id)
            if self._stopping.is_set() or self._ended_since(rights_as_of, user_id):
                listener.end()
        return listener

    def _opening(self, topics: frozenset[str], cursor: EntryId | None) -> list[bytes]:
        missed = self._missed(topics, cursor)
        if missed is None:
            parts = [signpost(RESYNC, self.tip)]
        else:
            parts = [entry.frame for entry in missed]
            if parts:
                parts.insert(0, named(BEHIND, {"entries": len(missed)}) + b"\n")
        return [*parts, signpost(READY, self.tip)]

    def missed(
        self, topics: frozenset[str], cursor: EntryId | None
    ) -> tuple[list[Entry] | None, EntryId | None]:
        """For those who poll: the entries after `cursor` (None: read everything anew), and the new cursor."""
        self._await(cursor)
        with self._lock:
            return self._missed(topics, cursor), self.tip

    def quiet_since(
        self,
        topics: frozenset[str],
        user_id: int,
        cursor: EntryId,
        *,
        rights_as_of: EntryId,
    ) -> EntryId | None:
        """The tip, where for certain nothing of `topics` came after `cursor` and nothing ended that user's streams."""
        if not self.connected or self._pid != os.getpid():
            return None
        with self._lock:
            ended = self._ended_since(rights_as_of, user_id)
            return None if ended or self._missed(topics, cursor) != [] else self.tip

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
            return [
                entry for entry in self._ring.after(cursor) if not topics.isdisjoint(entry.topics)
            ]
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

    def _watch(self) -> None:
        self._audience.watch_until(self._stopping)

    def _beat(self) -> bytes:
        # Without Redis nothing can arrive: silence lets the page find out and say so.
        return signpost(BEAT, self.tip) if self.connected else NO_NEWS

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
                self._filled.set()  # nobody waits for a Redis that is away
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
            self._tell_who_is_active(client)
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

    def _tell_who_is_active(self, client: redis.Redis) -> None:
        with self._lock:
            people = self._polled.union(self._audience.people)
        if people - self._people or time.monotonic() - self._told_at > TELLS_S:
            self._people, self._polled, self._told_at = people, set(), time.monotonic()
            presence.seen(client, people)

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

    def _hand_out(self, entries: Sequence[Entry]) -> None:
        with self._lock:
            began = time.monotonic() - self._audience.gave_way_s
            ordinary: list[Entry] = []
            for entry in entries:
                special = stream.is_marker(entry) or entry.ends is not None
                if special:
                    self._audience.tell(ordinary)
                    ordinary = []
                if stream.is_marker(entry):
                    self._ring.clear()
                self._ring.add(entry)
                if entry.ends is not None:
                    self._audience.end(entry.ends)
                elif special:
                    self._resync_all(entry.id)
                else:
                    ordinary.append(entry)
            self._audience.tell(ordinary)
            self.tip = self._ring.tip
            spent = time.monotonic() - self._audience.gave_way_s - began
        if spent > 0.002:
            self._stopping.wait(min(LONGEST_PAUSE, spent * PAUSE))

    def _resync_all(self, tip: EntryId | None) -> None:
        self._audience.tell_everybody(signpost(RESYNC, tip))
        self.tip = tip
