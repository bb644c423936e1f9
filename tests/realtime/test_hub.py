"""The hub against a real Redis: several processes, falling behind, races."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import redis

from tests.realtime.conftest import Redis, until
from webapp.realtime import stream
from webapp.realtime.frames import EntryId, named, parse_id
from webapp.realtime.hub import BATCH, Hub
from webapp.realtime.listeners import Listener

STAFF = frozenset({"staff"})

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live-hub")]


@pytest.fixture
def client(live_redis: Redis) -> Iterator[redis.Redis]:
    with live_redis.client() as one:
        one.flushall()
        yield one


@pytest.fixture
def make_hub(live_redis: Redis):
    made: list[Hub] = []

    def make(**options) -> Hub:
        hub = Hub(
            lambda: redis.Redis(port=live_redis.port, socket_timeout=5),
            **({"idle_ms": 100} | options),
        )
        hub.start(wait=5)
        made.append(hub)
        return hub

    yield make
    for hub in made:
        hub.stop()


def publish(client: redis.Redis, *numbers: int, topics: frozenset[str] = STAFF) -> None:
    for number in numbers:
        stream.add(client, [(topics, named("test:numbered", {"n": number}))])


@dataclass
class Peer:
    """The browser's end of a stream."""

    socket: socket.socket
    listener: Listener
    got: bytes = b""

    def read_until(self, words: bytes) -> bytes:
        self.socket.settimeout(5)
        while words not in self.got:
            part = self.socket.recv(65536)
            assert part, f"the stream ended before {words!r}: {self.got!r}"
            self.got += part
        return self.got


@pytest.fixture
def join() -> Iterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def join_one(
        hub: Hub,
        *,
        cursor: EntryId | None = None,
        user_id: int | None = 1,
        rights_as_of=None,
        topics=STAFF,
    ) -> Peer:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        listener = hub.join(
            ours.detach(),
            b"head\n\n",
            topics=topics,
            user_id=user_id,
            cursor=cursor,
            rights_as_of=rights_as_of or hub.tip,
        )
        peers.append(Peer(theirs, listener))
        if not listener.ended:
            peers[-1].read_until(b"live:ready")
        return peers[-1]

    yield join_one
    for peer in peers:
        peer.socket.close()


def numbers_in(chunk: bytes) -> list[int]:
    return [int(part.split(b"}")[0]) for part in chunk.split(b'{"n":')[1:]]


def last_id(client: redis.Redis) -> EntryId:
    return stream.newest(client, 1)[0].id


def test_a_page_resumes_at_another_process_with_all_it_missed(client, make_hub, join):
    one, other = make_hub(), make_hub()
    publish(client, 1, 2)
    until(lambda: one.tip == other.tip == last_id(client), "both have read")
    cursor = one.tip
    publish(client, 3, 4)
    until(lambda: other.tip == last_id(client), "the other has read")
    first = join(other, cursor=cursor).got
    assert numbers_in(first) == [3, 4]
    assert b"live:resync" not in first
    assert first.startswith(b'head\n\nevent: live:behind\ndata: {"entries":2}\n\n')


def test_a_process_started_later_knows_what_came_before_it(client, make_hub, join):
    publish(client, 1, 2, 3)
    cursor = stream.newest(client, 3)[0].id
    first = join(make_hub(), cursor=cursor).got
    assert numbers_in(first) == [2, 3]


def test_a_cursor_a_moment_ahead_of_this_process_is_waited_for(client, make_hub, join):
    hub = make_hub()
    publish(client, 1)
    first = join(hub, cursor=last_id(client)).got  # most likely not read yet
    assert numbers_in(first) == []
    assert b"live:resync" not in first


def test_who_hears_two_topics_of_one_entry_gets_it_once(client, make_hub, join):
    hub = make_hub()
    peer = join(hub, topics=frozenset({"staff", "ticket:7", "user:1"}))
    publish(client, 1, topics=frozenset({"staff", "ticket:7"}))
    publish(client, 2, topics=frozenset({"user:1"}))
    assert numbers_in(peer.read_until(b'{"n":2}')) == [1, 2]


def test_a_reader_that_the_stream_has_outrun_makes_pages_read_anew(client, make_hub, join):
    hub = make_hub()
    peer = join(hub)
    peer.got = b""
    with client.pipeline() as all_at_once:  # as after a long pause: more than the stream holds
        for number in range(2 * BATCH + 100):
            all_at_once.xadd(stream.KEY, {"t": "staff", "f": named("test:numbered", {"n": number})})
        all_at_once.xtrim(stream.KEY, maxlen=BATCH + 50, approximate=False)
        all_at_once.execute()
    until(lambda: hub.tip == last_id(client), "the hub is at the end")
    peer.read_until(b"live:resync")


def test_an_emptied_stream_that_still_exists_does_not_spin(client, make_hub, join):
    hub = make_hub()
    publish(client, 1)
    until(lambda: hub.tip == last_id(client), "read")
    client.xtrim(stream.KEY, maxlen=0, approximate=False)
    until(
        lambda: client.xlen(stream.KEY) == 1 and hub.tip == last_id(client),
        "a marker stands at its start",
    )


def test_an_order_to_end_that_came_while_rights_were_read_ends_the_stream(client, make_hub, join):
    hub = make_hub()
    rights_as_of = hub.tip
    stream.add_ending(client, 1)
    until(lambda: hub.tip != rights_as_of, "read")
    assert join(hub, user_id=1, rights_as_of=rights_as_of).listener.ended
    assert not join(hub, user_id=2, rights_as_of=rights_as_of).listener.ended


def test_a_stopping_process_sends_its_listeners_away(client, make_hub, join):
    hub = make_hub()
    before = join(hub)
    hub.stop()
    assert before.listener.ended
    assert join(hub).listener.ended


def test_leaving_leaves_nothing_behind(client, make_hub, join):
    hub = make_hub()
    for number in range(1, 50):
        join(hub, user_id=number, topics=frozenset({"staff", f"user:{number}"})).socket.close()
    until(lambda: len(hub) == 0, "all hang-ups are noticed")
    assert hub._audience.people == []
    assert not hub._audience._by_topic


def test_neighbours_and_mixed_topics_reach_everybody_once_in_order(client, make_hub, join):
    hub = make_hub()
    both = join(hub, topics=frozenset({"staff", "admin"}))
    staff = join(hub)
    with client.pipeline() as at_once:  # so that one read brings all of them
        for number in range(1, 101):
            topic = "admin" if number % 3 == 0 else "staff"
            at_once.xadd(stream.KEY, {"t": topic, "f": named("test:numbered", {"n": number})})
        at_once.execute()
    assert numbers_in(both.read_until(b'{"n":100}')) == list(range(1, 101))
    assert numbers_in(staff.read_until(b'{"n":100}')) == [n for n in range(1, 101) if n % 3]


def test_every_cursor_handed_out_is_the_id_of_an_entry(client, make_hub, join):
    hub = make_hub()
    first = join(hub).got
    cursor = parse_id(first.split(b"id: ")[1].split(b"\n")[0].decode())
    assert cursor is not None
    assert stream.holds(client, cursor)
