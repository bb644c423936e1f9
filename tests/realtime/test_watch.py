"""Who hung up and who takes more again, with what each platform has: the same either way."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import PATIENCE_S
from tests.realtime.conftest import until
from webapp.realtime.listeners import Listener
from webapp.realtime.readiness import Epoll, Poll, best
from webapp.realtime.watch import SocketWatch

CHUNK = b"x" * 100_000


@dataclass
class Room:
    """A watch that runs, and who left it."""

    watch: SocketWatch
    left: list[Listener]
    sweeps: list[list[Listener]]

    def listener(self) -> tuple[Listener, socket.socket]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.settimeout(10)
        one = Listener(ours.detach(), self.watch, topics=frozenset({"staff"}), user_id=1)
        self.watch.add(one)
        return one, theirs


@pytest.fixture(
    params=[
        pytest.param(
            Epoll,
            marks=pytest.mark.skipif(
                not hasattr(select, "EPOLLRDHUP"), reason="Linux alone has it"
            ),
        ),
        Poll,
    ]
)
def room(request) -> Iterator[Room]:
    lock, stopping = threading.RLock(), threading.Event()
    left: list[Listener] = []
    sweeps: list[list[Listener]] = []
    watch = SocketWatch(lock, leave=left.append, sweep=sweeps.append, sockets=request.param())
    one = Room(watch, left, sweeps)
    thread = threading.Thread(target=watch.run, args=(stopping,))
    thread.start()
    yield one
    stopping.set()
    thread.join(PATIENCE_S)
    for listener in watch.everybody():
        listener.close()


def _read(theirs: socket.socket, size: int) -> int:
    got = 0
    while got < size:
        part = theirs.recv(65_536)
        assert part
        got += len(part)
    return got


def test_who_hangs_up_leaves_and_the_others_stay(room: Room):
    stays, here = room.listener()
    goes, gone = room.listener()
    gone.close()
    until(lambda: room.left == [goes], "noticed")
    assert goes.ended
    assert room.watch.everybody() == [stays]
    here.close()
    until(lambda: len(room.watch) == 0, "the other, too")


def test_who_says_something_is_not_taken_for_gone(room: Room):
    one, theirs = room.listener()
    theirs.sendall(b"nobody asked")
    until(lambda: room.sweeps, "a round passed")
    assert room.left == []
    theirs.close()
    until(lambda: room.left == [one], "noticed behind what was said")


def test_what_a_slow_reader_did_not_take_follows_as_soon_as_it_reads(room: Room):
    one, theirs = room.listener()
    for _ in range(20):
        one.push(CHUNK)
    assert one._waiting
    assert _read(theirs, 20 * len(CHUNK)) == 20 * len(CHUNK)
    one.push(b"more")
    assert theirs.recv(4) == b"more"
    theirs.close()
    until(lambda: room.left == [one], "noticed")


def test_who_is_ended_from_here_leaves_too(room: Room):
    one, theirs = room.listener()
    one.end()
    assert theirs.recv(1) == b""
    until(lambda: room.left == [one], "noticed")
    theirs.close()


def test_the_platform_decides_which(monkeypatch: pytest.MonkeyPatch):
    assert isinstance(best(), Epoll if hasattr(select, "EPOLLRDHUP") else Poll)
    monkeypatch.delattr(select, "EPOLLRDHUP", raising=False)
    assert isinstance(best(), Poll)
