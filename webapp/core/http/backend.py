"""The network below httpcore: resolves once, checks every address, dials the checked one.

Name and dial cannot disagree (no DNS rebinding); TLS and the Host header keep the host's name.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from webapp.core.errors import RemoteError
from webapp.core.http.addresses import Network, is_forbidden
from webapp.core.http.failures import failure

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the system's order. Raises OSError, UnicodeError for what is no name."""
    # Encoded here: gevent asks in a thread of its own, which prints a trace for a name that cannot be.
    name = host.encode("idna")
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """The wall clock of the request in flight, shared with the sockets below it."""

    def __init__(self) -> None:
        self._at = float("inf")
        self.sent = False  # whether a byte of the request in flight has been handed to the network

    def start(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds
        self.sent = False

    def left(self, wanted: float | None, host: str) -> float | None:
        """The wait allowed now, in seconds; raises the timeout error when none is left."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise failure("timeout", host)
        return min(left, wanted) if wanted is not None else left


class GuardedBackend(httpcore.NetworkBackend):
    def __init__(
        self,
        deadline: Deadline,
        *,
        allowed_nets: Iterable[str | Network] = (),
        resolver: Resolver = resolve,
    ) -> None:
        self._deadline = deadline
        self._allowed = tuple(allowed_nets)
        self._resolver = resolver
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stop = time.monotonic() + (self._deadline.left(timeout, host) or 0.0)
        addresses = self._checked(host, port, stop)
        last: RemoteError | None = None
        for position, address in enumerate(addresses):
            left = (stop - time.monotonic()) / (len(addresses) - position)
            if left <= 0:
                break
            try:
                stream = self._below.connect_tcp(address, port, timeout=left)
            except httpcore.ConnectTimeout:
                last = failure("timeout", host)
            except httpcore.ConnectError:
                last = failure("network", host)
            else:
                return _GuardedStream(stream, self._deadline, host)
        raise last or failure("timeout", host)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise failure("blocked", path)

    def _checked(self, host: str, port: int, stop: float) -> list[str]:
        addresses = self._resolved(host, port, max(stop - time.monotonic(), 0.01))
        if any(is_forbidden(address, allowed_nets=self._allowed) for address in addresses):
            raise failure("blocked", host)
        return addresses

    def _resolved(self, host: str, port: int, seconds: float) -> list[str]:
        """getaddrinfo knows no time limit, so it runs aside and is left behind when it hangs."""
        answer: list[list[str]] = []

        def ask() -> None:
            with contextlib.suppress(OSError, UnicodeError):
                answer.append(self._resolver(host, port))

        asking = threading.Thread(target=ask, daemon=True, name="resolve")
        asking.start()
        asking.join(seconds)
        if asking.is_alive():
            raise failure("timeout", host)
        if not answer or not answer[0]:
            raise failure("dns", host)
        return answer[0]


class _GuardedStream(httpcore.NetworkStream):
    """A socket that obeys the deadline, so that a slow drip of bytes ends as well."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline, host: str) -> None:
        self._stream = stream
        self._deadline = deadline
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout, self._host))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left(timeout, self._host)
        self._deadline.sent = True
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, self._host)
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except httpcore.ConnectTimeout:
            raise failure("timeout", self._host) from None
        except (httpcore.ConnectError, ValueError) as error:
            raise failure("tls", self._host) from error
        return _GuardedStream(stream, self._deadline, self._host)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
