"""A proxy on loopback that behaves badly on request: cuts streams, refuses, blocks or swallows them."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit


class CuttingProxy:
    """Forwards bytes to `target`; one connection a request, so that each is known by its first line."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname, address.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.refuse = False  # close every connection at once
        self.block_streams = False  # /live gets 502
        self.hold_streams = False  # /live is forwarded, its answer never comes
        self.streams = 0
        self.open_streams: list[socket.socket] = []

    def __enter__(self) -> CuttingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        # Its number is lent anew at once: who still waits there would take the next server's callers.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    def cut(self) -> int:
        """Cut all open streams in the middle of whatever they carry; tells how many."""
        cut, self.open_streams = self.open_streams, []
        for one in cut:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        return len(cut)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(65536)
                if not part or self.refuse:
                    return
                head += part
            is_stream = head.startswith(b"GET /live?")
            if is_stream and self.block_streams:
                client.sendall(
                    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                return
            self._forward(
                client, head.replace(b"Connection: keep-alive", b"Connection: close"), is_stream
            )

    def _forward(self, client: socket.socket, head: bytes, is_stream: bool) -> None:
        with socket.create_connection(self._target) as server:
            server.sendall(head)
            if is_stream:
                self.streams += 1
                self.open_streams.append(client)
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
            try:
                while part := server.recv(65536):
                    if not (is_stream and self.hold_streams):
                        client.sendall(part)
                client.shutdown(socket.SHUT_RDWR)  # closing alone says nothing while the pump reads
            finally:  # also where the browser went in the middle of an event
                self._is_gone(client)

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        """What the client sends, until it goes or is let go."""
        with contextlib.suppress(OSError):
            while part := client.recv(65536):
                server.sendall(part)
            server.shutdown(socket.SHUT_WR)
        self._is_gone(client)

    def _is_gone(self, client: socket.socket) -> None:
        with contextlib.suppress(ValueError):
            self.open_streams.remove(client)
