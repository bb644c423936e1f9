"""`/live` as an answer whose socket leaves gunicorn: its head goes out, the rest is the hub's.

A greenlet for each open stream costs 18 kB and three times the CPU of writing to the socket from the one reader. The
body ends with the connection, so a stream is the same bytes for everybody, whatever version of HTTP they speak.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STREAM_HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each chunk on at once
    "Content-Encoding": "identity",  # nothing on the way may compress, and so collect, it
}
UNREAD_MS = 45_000  # the kernel gives up on a peer that has taken nothing for this long


class HandedOver(StopIteration):
    """gunicorn's own sign that it need do nothing more for this connection. It closes its socket, which is empty."""


def can_be_handed_over(environ: dict[str, Any]) -> bool:
    """A plain socket of HTTP/1. Elsewhere (TLS or HTTP/2 in this process, another server) pages poll."""
    connection = environ.get("gunicorn.socket")
    return type(connection).__name__ == "socket" and "HTTP_VERSION" not in environ


# Gets the file descriptor, which is then its own, and the head that must be sent first.
Take = Callable[[int, bytes], object]


def hand_over(environ: dict[str, Any], head: bytes, take: Take) -> NoReturn:
    """The socket of this request goes to `take`."""
    connection = environ["gunicorn.socket"]
    with contextlib.suppress(OSError):
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere the kernel has a time of its own
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    take(connection.detach(), head)
    raise HandedOver


class StreamResponse(Response):
    def __init__(self, take: Take) -> None:
        super().__init__(mimetype="text/event-stream", headers=STREAM_HEADERS)
        self.automatically_set_content_length = False
        self._take = take

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        hand_over(environ, self.head(environ), self._take)

    def head(self, environ: WSGIEnvironment) -> bytes:
        lines = [f"HTTP/1.1 {self.status}", "Connection: close"]
        lines += [
            f"{name}: {value}" for name, value in self.get_wsgi_headers(environ).to_wsgi_list()
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
