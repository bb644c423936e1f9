"""Writes one stream as a WSGI response: whatever waits goes out as one chunk, a heartbeat when nothing does."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from webapp.realtime.frames import BEAT, EntryId, signpost
from webapp.realtime.hub import Hub
from webapp.realtime.listeners import QueuedListener

BEAT_SECONDS = 15.0
# A stream is renewed now and then, so that rights are read anew even where an order to end it was lost.
LIFE_SECONDS = 900.0
UNREAD_MS = 45_000  # the kernel gives up on a peer that has taken nothing for this long


def chunks(
    hub: Hub, listener: QueuedListener, *, cursor: EntryId | None, rights_as_of: EntryId | None
) -> Iterator[bytes]:
    """The body of `/live`. Joins the hub with the first chunk and leaves it when closed, however that happens."""
    first = hub.join(listener, cursor=cursor, rights_as_of=rights_as_of)
    try:
        yield first
        renew_at = time.monotonic() + LIFE_SECONDS * random.uniform(0.8, 1.2)
        while not listener.ended and time.monotonic() < renew_at:
            listener.wait(BEAT_SECONDS)
            # The tip is read before the queue is emptied: every entry up to it is then in this chunk or already sent.
            tip = hub.tip
            chunk = listener.take()
            if not listener.ended:
                yield chunk or _beat(hub, tip)
    finally:
        hub.leave(listener)


def cutter(environ: dict[str, Any]) -> Callable[[], None]:
    """What shuts this request's socket, so that a write which its peer does not read comes to an end."""
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return lambda: None
    with contextlib.suppress(OSError, AttributeError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)

    def cut() -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    return cut


def _beat(hub: Hub, tip: EntryId | None) -> bytes:
    # Without Redis nothing can arrive: silence lets the page find out and say so.
    return signpost(BEAT, tip) if hub.connected else b": no news can arrive\n\n"
