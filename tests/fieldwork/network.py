"""The network between a browser and the desk, which a test cuts and mends: a plain relay of bytes in threads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Network:
    """`up`: whether anything gets through. `lose_answers`: how many of the next forms reach the desk, which does what
    they say, while its answer never comes back."""

    def __init__(self, target: str) -> None:
        self.up = True
        self.lose_answers = 0
        self.lost = self.cuts = 0
        self.target = target
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Whatever is under way breaks off, and nothing new begins."""
        self.up = False
        self.cuts += 1
        with self._lock:
            gone, self._open = self._open, set()
        for each in gone:
            _shut(each)

    def mend(self) -> None:
        self.up = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        place = urlsplit(self.target)
        try:
            if not self.up:
                raise ConnectionRefusedError
            desk = socket.create_connection((place.hostname or "", place.port or 80), 5)
        except OSError:
            _shut(client)
            return
        desk.settimeout(None)
        with self._lock:
            self._open |= {client, desk}
        loses = threading.Event()
        threading.Thread(target=self._there, args=(client, desk, loses), daemon=True).start()
        self._back(client, desk, loses)

    def _there(self, client: socket.socket, desk: socket.socket, loses: threading.Event) -> None:
        with suppress(OSError):
            while some := client.recv(65536):
                if some.startswith(b"POST /") and self._loses():
                    loses.set()
                desk.sendall(some)
        with suppress(OSError):
            desk.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, desk: socket.socket, loses: threading.Event) -> None:
        with suppress(OSError):
            while some := desk.recv(65536):
                if loses.is_set():  # the desk has done it by now
                    self.lost += 1
                    break
                client.sendall(some)
        with self._lock:
            self._open -= {client, desk}
        _shut(client)
        _shut(desk)

    def _loses(self) -> bool:
        with self._lock:
            wanted = self.lose_answers > 0
            self.lose_answers -= wanted
            return wanted


@contextmanager
def network_to(target: str) -> Iterator[Network]:
    made = Network(target)
    yield made
    made.close()


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        each.close()
