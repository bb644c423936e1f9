"""The clients of bench/live.py: all in one loop, cheap enough to be faster than what they measure.

All of them must be told the same bytes. So each byte is taken apart once, by whoever gets it first (`Story`), and for
everybody else it is compared, which a machine does at gigabytes a second. Who differs is taken apart block by block.
"""

from __future__ import annotations

import errno
import heapq
import random
import select
import socket
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SHUT = -1


@dataclass
class Story:
    """What follows the first listener's opening, frame by frame; `after`: where the frame of an id ends."""

    text: bytearray = field(default_factory=bytearray)
    after: dict[bytes, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)
    ids: list[bytes] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)  # 0: a frame that is none of ours
    numbers: list[int] = field(default_factory=list)  # the last of ours so far
    out_of_order: int = 0
    parsed: int = 0

    def begin_at(self, last_id: bytes) -> None:
        """Nobody follows any more: what comes after that id comes next, whatever lay between."""
        del self.text[self.parsed :]
        self.after[last_id] = self.parsed

    def grow(self, part: bytes) -> None:
        self.text += part
        while (end := self.text.find(b"\n\n", self.parsed)) >= 0:
            block = bytes(self.text[self.parsed : end])
            self.parsed = end + 2
            number, sent = event_in(block)
            last = self.numbers[-1] if self.numbers else -1
            self.out_of_order += sent > 0 and number <= last
            self.ends.append(self.parsed)
            self.ids.append(id_in(block))
            self.sent.append(sent)
            self.numbers.append(number if sent else last)
            self.after[self.ids[-1]] = self.parsed


class Step(NamedTuple):
    """What a part from `begins` to `ends` of the story brings: most readers get the very same one next."""

    begins: int
    part: bytes
    ends: int
    frames: int
    sent: tuple[float, ...]
    number: int
    last_id: bytes


@dataclass
class Client:
    """`at`: how far it is in the story, -1 while its blocks are taken apart; `rest`: what is no whole block yet."""

    request: bytes
    connection: socket.socket | None = None
    head: bool = True
    rest: bytes = b""
    at: int = SHUT
    frames: int = 0  # of the story, wholly read
    number: int = -1
    last_id: bytes = b""
    ready: bool = False


class Readers:
    def __init__(
        self,
        port: int,
        cookies: Sequence[str],
        *,
        resume: bool,
        delay: float,
        path: str = "/live?topics=staff&after=",
        ready: bytes = b"event: live:ready",
    ) -> None:
        self._path, self._ready_sign = path, ready
        self._port, self._cookies, self._resume, self._delay = port, cookies, resume, delay
        self._epoll = select.epoll()
        self._by_fd: dict[int, Client] = {}
        self._due: list[tuple[float, int, Client]] = []
        self._buffer = bytearray(1 << 20)
        self._view = memoryview(self._buffer)
        self.story = Story()
        self._step = Step(SHUT, b"", SHUT, 0, (), -1, b"")
        self.opened = self.ready = self.delivered = self.doubled = self._disordered = 0
        self._following = 0
        self.apart = 0  # deliveries that were taken apart
        self.times = array("d")
        self.ready_at: list[float] = []

    @property
    def out_of_order(self) -> int:
        return self._disordered + self.story.out_of_order

    def open(self) -> None:
        cookie = self._cookies[self.opened % len(self._cookies)]
        self.opened += 1
        request = f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n"
        self._connect(Client((request + f"Cookie: {cookie}\r\n").encode()))

    def read_until(self, done: Callable[[], bool], *, stop_at: float) -> None:
        while not done() and time.monotonic() < stop_at:
            self.read(0.2)

    def read(self, timeout: float) -> None:
        self._come_back()
        if self._due:
            timeout = min(timeout, max(0.0, self._due[0][0] - time.monotonic()))
        for fd, events in self._epoll.poll(timeout, 1024):
            client = self._by_fd[fd]
            if events & select.EPOLLOUT:
                self._ask(client)
            else:
                self._hear(client)

    def _come_back(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            self._connect(heapq.heappop(self._due)[2])

    def _connect(self, client: Client) -> None:
        connection = client.connection = socket.socket()
        connection.setblocking(False)
        failed = connection.connect_ex(("127.0.0.1", self._port))
        if failed not in (0, errno.EINPROGRESS):
            raise OSError(failed, "the listening socket is gone")
        client.head, client.rest, client.at, client.ready = True, b"", SHUT, False
        self._by_fd[connection.fileno()] = client
        self._epoll.register(connection.fileno(), select.EPOLLOUT)

    def _ask(self, client: Client) -> None:
        assert client.connection is not None
        resume = b"Last-Event-ID: %b\r\n" % client.last_id if client.last_id else b""
        try:
            client.connection.send(client.request + resume + b"\r\n")
        except ConnectionError:
            self._hung_up(client)
            return
        self._epoll.modify(client.connection.fileno(), select.EPOLLIN)

    def _hear(self, client: Client) -> None:
        assert client.connection is not None
        try:
            size = client.connection.recv_into(self._buffer)
        except BlockingIOError:
            return
        except ConnectionError:
            size = 0
        if size:
            self._take(client, bytes(self._view[:size]))
        else:
            self._hung_up(client)

    def _hung_up(self, client: Client) -> None:
        assert client.connection is not None
        fd = client.connection.fileno()
        self._epoll.unregister(fd)
        del self._by_fd[fd]
        client.connection.close()
        self._let_go(client)
        if self._resume:
            due = time.monotonic() + self._delay * random.uniform(0.7, 1.3)
            heapq.heappush(self._due, (due, id(client), client))

    def _take(self, client: Client, part: bytes) -> None:
        now = time.time()
        if client.at == SHUT and client.ready and not client.rest:
            self._join_the_story(client, now)  # somebody else may have told it on since
        if client.at != SHUT:
            if self._follow(client, part, now):
                return
            # Something else than the others were told: back to the last whole frame, and look at it.
            begins = self.story.ends[client.frames - 1] if client.frames else 0
            part = bytes(self.story.text[begins : client.at]) + part
            self._let_go(client)
        self._take_apart(client, part, now)

    def _let_go(self, client: Client) -> None:
        self._following -= client.at != SHUT
        client.at = SHUT

    def _follow(self, client: Client, part: bytes, now: float) -> bool:
        step = self._step
        if step.begins != client.at or step.part != part:
            if not self._agrees(client.at, part):
                return False
            step = self._step = self._stepped(client, part)
        client.at, client.frames = step.ends, step.frames
        for sent in step.sent:
            self.times.append(now - sent)
        self.delivered += len(step.sent)
        if step.last_id:
            client.last_id = step.last_id
            client.number = max(client.number, step.number)
        return True

    def _agrees(self, at: int, part: bytes) -> bool:
        """Whether the story goes on so. Beyond what is known of it, it does."""
        known = len(self.story.text) - at
        if not self.story.text.startswith(part[:known], at):
            return False
        if len(part) > known:
            self.story.grow(part[known:])
        return True

    def _stepped(self, client: Client, part: bytes) -> Step:
        story, before = self.story, client.frames
        ends = client.at + len(part)
        after = bisect_right(story.ends, ends, before)
        sent = tuple(moment for moment in story.sent[before:after] if moment)
        number, last_id = (
            (story.numbers[after - 1], story.ids[after - 1]) if after > before else (-1, b"")
        )
        return Step(client.at, part, ends, after, sent, number, last_id)

    def _take_apart(self, client: Client, part: bytes, now: float) -> None:
        text = client.rest + part
        if client.head:
            head, found, text = text.partition(b"\r\n\r\n")
            if not found:
                client.rest = head
                return
            if b" 200 " not in head:
                raise SystemExit(f"A stream was refused: {head[:200]!r}")
            client.head = False
        *blocks, client.rest = text.split(b"\n\n")
        for block in blocks:
            self._take_block(client, block, now)
        if client.ready:
            self._join_the_story(client, now)

    def _take_block(self, client: Client, block: bytes, now: float) -> None:
        client.last_id = id_in(block) or client.last_id
        if self._ready_sign in block:
            client.ready = True
            self.ready += 1
            self.ready_at.append(time.monotonic())
        number, sent = event_in(block)
        if sent:
            self.times.append(now - sent)
            self.delivered += 1
            self.apart += 1
            self.doubled += number == client.number
            self._disordered += number < client.number
            client.number = max(client.number, number)

    def _join_the_story(self, client: Client, now: float) -> None:
        story = self.story
        if not self._following:
            story.begin_at(client.last_id)
        at = story.after.get(client.last_id)
        if at is not None:
            client.at, client.frames = at, bisect_right(story.ends, at)
            self._following += 1
            rest, client.rest = client.rest, b""
            if rest:
                self._take(client, rest)


def id_in(block: bytes) -> bytes:
    return block.partition(b"id: ")[2].partition(b"\n")[0] if b"id: " in block else b""


def event_in(block: bytes) -> tuple[int, float]:
    """The number of an event of ours, and when it was sent; zeros for anything else."""
    at = block.find(b'"n":')
    if at < 0:
        return 0, 0.0
    number, _, rest = block[at + 4 :].partition(b",")
    return int(number), float(rest[rest.index(b":") + 1 :].rstrip(b"}"))
