"""One open stream: a socket that is written without ever waiting, and what it has not taken yet.

Bytes are shared by all who hear the same, so what waits costs pointers. Nothing here may block: it is called for
everybody in turn. Whoever ends is shut down only; the watch then sees the hang-up and has the hub let go of it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

# Shared bytes that one client may be behind, besides what it was sent first. Who falls farther back resumes.
MOST_WAITING = 4_000_000
PIECES = 64  # in one call to the kernel


class Watch(Protocol):
    """Tells a listener, by `flush`, when its socket takes more again."""

    def wants_room(self, listener: Listener) -> None: ...


class Listener:
    """Who hears `topics`. It owns `fd` until `close`. `heard_at`: when something was last sent."""

    __slots__ = (
        "_bytes",
        "_most",
        "_waiting",
        "_watch",
        "ended",
        "fd",
        "heard_at",
        "renew_at",
        "topics",
        "user_id",
    )

    def __init__(
        self,
        fd: int,
        watch: Watch,
        *,
        topics: frozenset[str],
        user_id: int | None,
        renew_at: float = float("inf"),
        most: int = MOST_WAITING,
    ) -> None:
        self.fd = fd
        self.topics = topics
        self.user_id = user_id
        self.renew_at = renew_at
        self.heard_at = time.monotonic()
        self.ended = False
        self._watch = watch
        self._most = most
        self._bytes = 0
        self._waiting: deque[bytes | memoryview] | None = None

    def open(self, pieces: Sequence[bytes]) -> None:
        """What is sent first, however much that is. Pieces may be shared."""
        self._bytes = sum(map(len, pieces))
        self._most += self._bytes
        self._waiting = deque(pieces)
        if not self.flush():
            self._watch.wants_room(self)

    def push(self, chunk: bytes) -> None:
        """Send a chunk, or keep what the socket does not take. Who falls too far behind is dropped."""
        if self.ended:
            return
        if self._waiting:
            self._keep(chunk)
            return
        try:
            sent = os.write(self.fd, chunk)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.end()
            return
        if sent < len(chunk):
            self._keep(memoryview(chunk)[sent:])
            self._watch.wants_room(self)

    def flush(self) -> bool:
        """Send on what waits; true when nothing waits any more."""
        waiting = self._waiting
        while waiting and not self.ended:
            try:
                sent = os.writev(self.fd, [*islice(waiting, PIECES)])
            except BlockingIOError:
                return False
            except OSError:
                self.end()
                return True
            self._bytes -= sent
            while waiting and sent >= len(waiting[0]):
                sent -= len(waiting.popleft())
            if sent:
                waiting[0] = memoryview(waiting[0])[sent:]
        self._waiting = None
        return True

    def end(self) -> None:
        """The peer sees the end of the stream; the socket stays until the watch has noticed."""
        if not self.ended:
            self.ended = True
            self._waiting = None
            with contextlib.suppress(OSError):
                shut = socket.socket(fileno=self.fd)
                try:
                    shut.shutdown(socket.SHUT_RDWR)
                finally:
                    shut.detach()

    def close(self) -> None:
        self.ended = True
        self._waiting = None
        with contextlib.suppress(OSError):
            os.close(self.fd)

    def _keep(self, piece: bytes | memoryview) -> None:
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(piece)
        self._bytes += len(piece)
        if self._bytes > self._most:
            self.end()
