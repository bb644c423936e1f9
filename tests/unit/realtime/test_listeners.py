from __future__ import annotations

import threading

from webapp.realtime.listeners import QueuedListener


def listener(**bounds) -> QueuedListener:
    return QueuedListener(frozenset({"staff"}), 1, **bounds)


def test_all_that_waits_comes_as_one_chunk_in_order():
    one = listener()
    for frame in (b"a", b"b", b"c"):
        one.push(frame)
    assert one.take() == b"abc"
    assert one.take() == b""


def test_who_falls_behind_is_dropped_and_their_socket_cut():
    cuts = []
    one = listener(most=3, cut=lambda: cuts.append(True))
    for frame in (b"a", b"b", b"c", b"d", b"e"):
        one.push(frame)
    assert one.ended
    assert cuts == [True]


def test_a_push_and_an_end_wake_the_writer():
    for wake in (lambda one: one.push(b"a"), lambda one: one.end()):
        one = listener()
        threading.Timer(0.02, wake, [one]).start()
        one.wait(5)
        assert one.ended or one.take() == b"a"


def test_nothing_is_queued_after_the_end():
    one = listener()
    one.end()
    one.push(b"a")
    assert one.take() == b""
