from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from webapp.realtime.listeners import Listener


class Watch:
    def __init__(self) -> None:
        self.asked: list[Listener] = []

    def wants_room(self, listener: Listener) -> None:
        self.asked.append(listener)


@pytest.fixture
def pair() -> Iterator[tuple[Listener, socket.socket, Watch]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.settimeout(5)
    watch = Watch()
    one = Listener(ours.detach(), watch, topics=frozenset({"staff"}), user_id=1, most=2_000_000)
    yield one, theirs, watch
    one.close()
    theirs.close()


def read(theirs: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        got += theirs.recv(65536)
    return got


def test_what_is_pushed_is_sent_at_once(pair):
    one, theirs, watch = pair
    one.push(b"a")
    one.push(b"b")
    assert read(theirs, 2) == b"ab"
    assert watch.asked == []


def test_what_the_socket_does_not_take_waits_in_order_and_is_asked_for_once(pair):
    one, theirs, watch = pair
    pieces = [bytes([97 + n]) * 100_000 for n in range(10)]
    for piece in pieces:
        one.push(piece)
    assert watch.asked == [one]
    got = b""
    while not one.flush():
        got += theirs.recv(1_000_000)
    got += read(theirs, 1_000_000 - len(got))
    assert got == b"".join(pieces)
    one.push(b"!")
    assert theirs.recv(10) == b"!"


def test_who_falls_too_far_behind_is_dropped_and_sees_an_end(pair):
    one, theirs, _ = pair
    for _ in range(30):
        one.push(b"x" * 100_000)
    assert one.ended
    taken = 0
    while part := theirs.recv(1_000_000):
        taken += len(part)
    assert taken < 2_000_000


def test_what_is_sent_first_may_be_more_than_that(pair):
    one, theirs, _ = pair
    one.open([b"x" * 3_000_000, b"x" * 2_000_000])
    one.push(b"!")
    assert not one.ended
    got = b""
    while not one.flush():
        got += theirs.recv(1_000_000)
    assert (got + read(theirs, 5_000_001 - len(got))).endswith(b"x!")


def test_a_peer_that_is_gone_ends_it_and_nothing_is_raised(pair):
    one, theirs, _ = pair
    theirs.close()
    one.push(b"a")
    one.push(b"b")
    one.end()
    assert one.ended


def test_ending_leaves_the_number_of_the_socket_to_its_owner(pair):
    one, theirs, _ = pair
    one.end()
    assert theirs.recv(10) == b""
    os.fstat(one.fd)  # still open: else another connection might have got that number
