"""Watches the sockets of all open streams: who hung up, who takes more again, who has heard nothing for long.

One look at all, in one greenlet (a thread where nothing is patched): a stream that is open costs no greenlet of its
own. Every deed on a listener happens under the hub's lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from webapp.realtime import readiness
from webapp.realtime.listeners import Listener

SWEEP_S = 1.0


class SocketWatch:
    """`leave` is called once for each listener whose peer is gone; `sweep` about every second. Both under `lock`."""

    def __init__(
        self,
        lock: threading.RLock,
        *,
        leave: Callable[[Listener], None],
        sweep: Callable[[list[Listener]], None],
        sockets: readiness.Readiness | None = None,
    ) -> None:
        self._lock = lock
        self._leave = leave
        self._sweep = sweep
        self._sockets = sockets or readiness.best()
        self._by_fd: dict[int, Listener] = {}

    def __len__(self) -> int:
        return len(self._by_fd)

    def add(self, listener: Listener) -> None:
        self._by_fd[listener.fd] = listener
        self._sockets.watch(listener.fd)

    def wants_room(self, listener: Listener) -> None:
        self._sockets.watch(listener.fd, room=True)

    def everybody(self) -> list[Listener]:
        return list(self._by_fd.values())

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping`; in a greenlet or thread of its own."""
        swept = time.monotonic()
        while not stopping.is_set():
            self._sockets.wait(SWEEP_S)
            with self._lock:
                for fd, gone in self._sockets.happened():
                    self._happened(fd, gone=gone)
                if time.monotonic() - swept >= SWEEP_S:
                    swept = time.monotonic()
                    self._sweep(self.everybody())

    def _happened(self, fd: int, *, gone: bool) -> None:
        listener = self._by_fd.get(fd)
        if listener is None:
            return
        if gone:
            del self._by_fd[fd]
            self._sockets.forget(fd)
            self._leave(listener)
            listener.close()
        elif listener.flush():
            self._sockets.watch(fd)
