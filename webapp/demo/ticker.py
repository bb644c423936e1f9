"""Keeps a demo upstream alive: a new record every few seconds, now and then a change to an old one.

Slows down after a while and stops adding at a limit, so that a laptop left alone is not filled up.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from webapp.demo.control import Upstream


@dataclass(frozen=True)
class Pace:
    """Seconds between records at first and later, how long "at first" lasts, most records."""

    quick: float = 8
    slow: float = 60
    quick_for: float = 600
    most: int = 3000

    def pause(self, elapsed: float) -> float:
        """Seconds to the next beat."""
        return self.quick if elapsed < self.quick_for else self.slow


class Ticker(threading.Thread):
    """Beats until stopped; `beat()` alone does what one beat does."""

    def __init__(
        self, upstream: Upstream, pace: Pace, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(daemon=True, name="ticker")
        self._upstream, self._pace, self._clock = upstream, pace, clock
        self._stopped = threading.Event()
        self._beats = 0

    def run(self) -> None:
        """Beats at the pace."""
        started = self._clock()
        while not self._stopped.wait(self._pace.pause(self._clock() - started)):
            self.beat()

    def beat(self) -> None:
        """One more record unless there are enough; every second time one changes too."""
        self._beats += 1
        if self._upstream.shelf.count() < self._pace.most:
            self._upstream.add()
        if self._beats % 2 == 0:
            self._upstream.change_something()

    def stop(self) -> None:
        """No beat after this one."""
        self._stopped.set()
