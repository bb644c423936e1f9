"""A listener at the level of bytes: connects, reads, is cut, resumes with Last-Event-ID."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.conftest import PATIENCE_S

# How many people are active is told whenever somebody's page opened or closed a while ago: nothing that is asserted.
PRESENCE = "users:status"


@dataclass
class Message:
    id: str
    event: str
    data: str

    @property
    def number(self) -> int:
        return int(json.loads(self.data)["n"])


@dataclass
class Listener:
    """Reads one stream in a thread. `cut()` closes the socket in the middle of whatever is being sent."""

    base: str
    path: str
    cookie: str = ""
    messages: list[Message] = field(default_factory=list)
    cursor: str = ""
    status: int = 0
    headers: str = ""
    ended: bool = False
    connections: int = 0

    def connect(self) -> Listener:
        if self.connections:
            self.cut()
        self.ended = False
        address = urlsplit(self.base)
        self._socket = socket.create_connection(
            (address.hostname, address.port), timeout=PATIENCE_S
        )
        resume = f"Last-Event-ID: {self.cursor}\r\n" if self.cursor else ""
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        self._socket.sendall(
            f"GET {self.path} HTTP/1.1\r\nHost: {address.netloc}\r\n{cookie}{resume}Accept-Encoding: gzip, br\r\n\r\n".encode()
        )
        self.connections += 1
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    close = cut

    def of(self, event: str) -> list[Message]:
        return [message for message in self.messages if message.event == event]

    def wait_for(self, event: str, *, count: int = 1, seconds: float = PATIENCE_S) -> list[Message]:
        deadline = time.monotonic() + seconds
        while len(self.of(event)) < count:
            assert time.monotonic() < deadline, (
                f"{count} × {event} not within {seconds} s; got {self.messages[-5:]}"
            )
            time.sleep(0.01)
        return self.of(event)

    def wait_for_end(self, *, seconds: float = PATIENCE_S) -> None:
        self._thread.join(seconds)
        assert self.ended, f"the stream did not end within {seconds} s"

    def _read(self) -> None:
        source = self._socket.makefile("rb")
        try:
            self.status = int(source.readline().split()[1])
            lines = []
            while (line := source.readline()).strip():
                lines.append(line.decode())
            self.headers = "".join(lines).lower()
            if self.status == 200:
                self._read_blocks(source)
        except (OSError, ValueError, IndexError):
            pass
        finally:
            source.close()
        self.ended = True

    def _read_blocks(self, source) -> None:
        chunked = "transfer-encoding: chunked" in self.headers  # as a proxy may make it
        waiting = b""
        while part := _chunk(source) if chunked else source.read1(65536):
            waiting += part
            *blocks, waiting = waiting.split(b"\n\n")
            for block in blocks:
                self._take(block.decode())

    def _take(self, block: str) -> None:
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            fields.setdefault(name, []).append(value)
        if "id" in fields:
            self.cursor = fields["id"][-1]
        event = fields.get("event", [""])[-1]
        if event != PRESENCE and (event or "data" in fields):
            self.messages.append(Message(self.cursor, event, "\n".join(fields.get("data", []))))


def _chunk(source) -> bytes:
    part = source.read(int(source.readline() or b"0", 16))
    source.readline()
    return part


def listener(server, topics: str, *, who: str | None = None, after: str = "") -> Listener:
    cookie = ""
    if who:
        with server.signed_in(who) as client:
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return Listener(server.base, f"/live?topics={topics}&after={after}", cookie)


def polled(server, topics: str, after: str, *, who: str) -> tuple[list[dict[str, str]], str]:
    """What polling tells after a cursor, and the next one."""
    with server.signed_in(who) as client:
        answer = client.get("/live/poll", params={"topics": topics, "after": after})
    if answer.status_code == 204:
        assert answer.content == b""
        return [], after
    told = answer.raise_for_status().json()
    assert not told["resync"]
    return [event for event in told["events"] if event["event"] != PRESENCE], told["cursor"]
