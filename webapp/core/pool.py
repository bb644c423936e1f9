"""Several workers below one process: forked once the app is loaded, so they share most of its memory.

Each kind of work has one process at all times. While all that it has are at work and something waits, it gets one more,
up to the most it may have; one of these that found nothing to do for a while ends.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

LOOK_EVERY_S = 0.2
PAUSE_S = 1.0  # before one that died starts again


class Kind(Protocol):
    """A kind of work."""

    @property
    def most(self) -> int: ...


K = TypeVar("K", bound=Kind)


class Place(Generic[K]):
    """What one process is there for. Whether it is at work its parent sees as well."""

    def __init__(self, kind: K, *, stays: bool) -> None:
        self.kind = kind
        self.stays = stays
        self._shared = mmap.mmap(-1, 1)

    @property
    def at_work(self) -> bool:
        return self._shared[0] == 1

    @at_work.setter
    def at_work(self, value: bool) -> None:
        self._shared[0] = int(value)


def keep_running(
    kinds: Sequence[K],
    work: Callable[[Place[K]], None],
    *,
    waits: Callable[[K], bool],
    told: threading.Event,
) -> None:
    """Until `told`; then each ends its task first. `waits`: whether there is work of this kind that nobody does."""
    running: dict[int, Place[K]] = {}
    begin = list(kinds)
    while True:
        for kind in begin:
            place = Place(kind, stays=True)
            running[_fork(place, work)] = place
        if told.wait(LOOK_EVERY_S):
            break
        begin = _left_without(running)
        if begin and told.wait(PAUSE_S):
            break
        for kind in kinds:
            here = [place for place in running.values() if place.kind is kind]
            if here and len(here) < kind.most and all(p.at_work for p in here) and waits(kind):
                place = Place(kind, stays=False)
                running[_fork(place, work)] = place
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def _left_without(running: dict[int, Place[K]]) -> list[K]:
    """The kinds whose process has died that should have stayed; all that have ended are forgotten."""
    ended = [running.pop(pid) for pid in list(running) if _has_ended(pid)]
    return [place.kind for place in ended if place.stays]


def _fork(place: Place[K], work: Callable[[Place[K]], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(place)
        code = 0
    except BaseException:  # noqa: BLE001 - a child must end here, whatever happens, and never go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid
