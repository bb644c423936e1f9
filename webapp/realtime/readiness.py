"""Which of many sockets hung up, or take more again, by what the platform has: `epoll` on Linux, else `poll`.

Both are the original ones: gevent takes `epoll` away, and its own `poll` would watch each socket anew at every call.
Neither waits: the waiting is done by `wait`, which lets the other greenlets run.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from typing import Protocol

from gevent.monkey import get_original

MOST_EVENTS = 1_000
LOOK_EVERY_S = 0.05  # where nothing tells that something happened


class Readiness(Protocol):
    """Sockets by their file descriptors, for one greenlet or thread."""

    def watch(self, fd: int, *, room: bool = False) -> None:
        """From now on: whether the peer hangs up, and with `room` also whether the socket takes more."""

    def forget(self, fd: int) -> None: ...

    def wait(self, seconds: float) -> None:
        """Until something may have happened, at most so long."""

    def happened(self) -> Iterator[tuple[int, bool]]:
        """Without waiting: each socket of which there is news, and whether its peer is gone."""


class Epoll:
    """One call for all sockets costs no more than what happened."""

    def __init__(self) -> None:
        self._epoll = get_original("select", "epoll")()
        self._known: set[int] = set()
        self._ready = select.poll()  # under gevent its own, which lets others run
        self._ready.register(self._epoll.fileno(), select.POLLIN)

    def watch(self, fd: int, *, room: bool = False) -> None:
        mask = select.EPOLLRDHUP | (select.EPOLLOUT if room else 0)
        if fd in self._known:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)
            self._known.add(fd)

    def forget(self, fd: int) -> None:
        self._known.discard(fd)
        self._epoll.unregister(fd)

    def wait(self, seconds: float) -> None:
        self._ready.poll(seconds * 1000)

    def happened(self) -> Iterator[tuple[int, bool]]:
        for fd, events in self._epoll.poll(0, MOST_EVENTS):
            yield fd, bool(events & ~select.EPOLLOUT)


class Poll:
    """Where there is no epoll, as on macOS: looked at every moment, which a small desk does not feel."""

    def __init__(self) -> None:
        self._poll = get_original("select", "poll")()

    def watch(self, fd: int, *, room: bool = False) -> None:
        self._poll.register(fd, select.POLLIN | (select.POLLOUT if room else 0))

    def forget(self, fd: int) -> None:
        self._poll.unregister(fd)

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, LOOK_EVERY_S))

    def happened(self) -> Iterator[tuple[int, bool]]:
        for fd, events in self._poll.poll(0):
            yield (
                fd,
                bool(events & ~(select.POLLIN | select.POLLOUT))
                or (bool(events & select.POLLIN) and _has_ended(fd)),
            )


def _has_ended(fd: int) -> bool:
    """Reads what the peer says, which nobody asked for, and sees its end."""
    try:
        return not os.read(fd, 4096)
    except BlockingIOError:
        return False
    except OSError:
        return True


def best() -> Readiness:
    return Epoll() if hasattr(select, "EPOLLRDHUP") else Poll()
