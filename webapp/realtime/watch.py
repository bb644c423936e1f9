"""Watches the sockets of all open streams: who hung up, who takes more again, who has heard nothing for long.

One epoll for all, in one greenlet (a thread where nothing is patched): a stream that is open costs no greenlet of its
own. Every deed on a listener happens under the hub's lock.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable

from gevent.monkey import get_original

from webapp.realtime.listeners import Listener

SWEEP_MS = 1_000
MOST_EVENTS = 1_000
_epoll = get_original("select", "epoll")  # gevent takes it away; ours never waits, see `_ready`
GONE = select.EPOLLRDHUP


class SocketWatch:
    """`leave` is called once for each listener whose peer is gone; `sweep` about every second. Both under `lock`."""

    def __init__(
        self,
        lock: threading.RLock,
        *,
        leave: Callable[[Listener], None],
        sweep: Callable[[list[Listener]], None],
    ) -> None:
        self._lock = lock
        self._leave = leave
        self._sweep = sweep
        self._epoll = _epoll()
        self._by_fd: dict[int, Listener] = {}

    def __len__(self) -> int:
        return len(self._by_fd)

    def add(self, listener: Listener) -> None:
        self._by_fd[listener.fd] = listener
        self._epoll.register(listener.fd, GONE)

    def wants_room(self, listener: Listener) -> None:
        self._epoll.modify(listener.fd, GONE | select.EPOLLOUT)

    def everybody(self) -> list[Listener]:
        return list(self._by_fd.values())

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping`; in a greenlet or thread of its own."""
        ready = select.poll()  # under gevent its own, which lets others run
        ready.register(self._epoll.fileno(), select.POLLIN)
        swept = time.monotonic()
        while not stopping.is_set():
            ready.poll(SWEEP_MS)
            with self._lock:
                for fd, events in self._epoll.poll(0, MOST_EVENTS):
                    self._happened(fd, events)
                if time.monotonic() - swept >= SWEEP_MS / 1000:
                    swept = time.monotonic()
                    self._sweep(self.everybody())

    def _happened(self, fd: int, events: int) -> None:
        listener = self._by_fd.get(fd)
        if listener is None:
            return
        if events & ~select.EPOLLOUT:
            del self._by_fd[fd]
            self._epoll.unregister(fd)
            self._leave(listener)
            listener.close()
        elif listener.flush():
            self._epoll.modify(fd, GONE)
