"""Who wants to know that a connection moved on. Realtime stands above this package, so it registers here.

Announcements happen after the commit, and at most about once a second for one connection and process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from webapp.core import db

log = logging.getLogger(__name__)

Listener = Callable[[int], None]

EVERY_S = 0.8
listeners: list[Listener] = []  # each gets the connection's id
_last: dict[int, float] = {}


def announce(connection_id: int, *, at_once: bool = False) -> None:
    """Tell the listeners after the commit. `at_once`: the beginning or end of something, never dropped."""
    now = time.monotonic()
    if not at_once and now - _last.get(connection_id, float("-inf")) < EVERY_S:
        return
    _last[connection_id] = now
    db.after_commit(lambda: _tell(connection_id))


def _tell(connection_id: int) -> None:
    for listener in listeners:
        listener(connection_id)
