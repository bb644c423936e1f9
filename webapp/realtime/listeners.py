"""One open stream: a bounded queue, and the writer that turns it into chunks.

The hub knows only `push` and `end`; a later writer may put frames straight on the socket behind the same two.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

# Frames are shared bytes, so a full queue costs 8 kB of pointers; the reader brings at most 200 at a time.
MOST_WAITING = 1_000


class Listener(Protocol):
    """Who hears `topics`. `push` and `end` must not block: they are called for everybody in turn."""

    topics: frozenset[str]
    user_id: int | None

    def push(self, frame: bytes) -> None: ...

    def end(self) -> None: ...


class QueuedListener:
    """Frames wait here until the response's own greenlet or thread takes all of them as one chunk."""

    __slots__ = ("_cut", "_frames", "_most", "_wake", "ended", "topics", "user_id")

    def __init__(
        self,
        topics: frozenset[str],
        user_id: int | None,
        *,
        cut: Callable[[], None] = lambda: None,
        most: int = MOST_WAITING,
    ) -> None:
        self.topics = topics
        self.user_id = user_id
        self.ended = False
        self._cut = cut
        self._most = most
        self._frames: deque[bytes] = deque()
        self._wake = threading.Event()

    def push(self, frame: bytes) -> None:
        """Queue a frame. Who falls too far behind is dropped: the browser comes back and resumes."""
        if self.ended:
            return
        if len(self._frames) >= self._most:
            self.end()
            self._cut()  # it may sit in a write that its peer does not read
            return
        self._frames.append(frame)
        self._wake.set()

    def end(self) -> None:
        self.ended = True
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Until something is queued, the end, or `seconds` have gone."""
        self._wake.wait(seconds)
        self._wake.clear()

    def take(self) -> bytes:
        """All that waits, in order, as one chunk."""
        taken: list[bytes] = []
        while self._frames:
            taken.append(self._frames.popleft())
        return b"".join(taken)
