"""The network between a browser and the desk, which a test cuts and mends: a plain relay of bytes in threads."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Network:
    """`up`: whether anything gets through. `lose_answers`: how many of the next forms reach the desk, which does what
    they say, while its answer never comes back; `instead` is called then."""

    def __init__(self, target: str) -> None:
        self.up = True
        self.lose_answers = 0
        self.instead: Callable[[], None] = lambda: None
        self.lost = self.cuts = 0
        self.target = target
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Whatever is under way breaks off, and nothing new begins. `cuts` counts those that broke something off."""
        self.up = False
        with self._lock:
            gone, self._open = self._open, set()
        self.cuts += bool(gone)
        for each in gone:
            _shut(each)

    def mend(self) -> None:
        self.up = True

    def close(self) -> None:
        self.cut()
        _shut(self._listener)  # who waits there wakes up

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
                    self.instead()
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


class Weather(threading.Thread):
    """Cuts and mends a network at random, many times a second, while somebody works on it; now and then an answer gets
    lost. `calm` holds it, with the network up."""

    def __init__(self, network: Network, seed: int) -> None:
        super().__init__(daemon=True)
        self._network, self._chance = network, random.Random(seed)
        self._over, self._blows = threading.Event(), threading.Event()
        self._rests = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            self._rests.set()
            self._blows.wait()
            self._rests.clear()
            self._network.lose_answers = int(self._chance.random() < 0.5)
            self._network.mend()
            self._over.wait(self._chance.uniform(0.01, 0.25))
            self._network.cut()
            self._over.wait(self._chance.uniform(0, 0.06))
        self._network.mend()

    def blow(self) -> None:
        self._blows.set()

    @contextmanager
    def calm(self) -> Iterator[None]:
        blew = self._blows.is_set()
        self.end_for_now()
        yield
        if blew:
            self._blows.set()

    def end_for_now(self) -> None:
        self._blows.clear()
        self._rests.wait()
        self._network.lose_answers = 0
        self._network.mend()

    def end(self) -> None:
        self._over.set()
        self._blows.set()
        self.join()


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
