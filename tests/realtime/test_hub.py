"""The hub against a real Redis: several processes, falling behind, races."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.realtime.conftest import Redis, until
from webapp.realtime import stream
from webapp.realtime.frames import EntryId, named, parse_id
from webapp.realtime.hub import BATCH, Hub
from webapp.realtime.listeners import QueuedListener

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


def join(
    hub: Hub,
    *,
    cursor: EntryId | None = None,
    user_id: int | None = 1,
    rights_as_of=None,
    topics=STAFF,
):
    listener = QueuedListener(topics, user_id)
    first = hub.join(listener, cursor=cursor, rights_as_of=rights_as_of or hub.tip)
    return listener, first


def numbers_in(chunk: bytes) -> list[int]:
    return [int(part.split(b"}")[0]) for part in chunk.split(b'{"n":')[1:]]


def last_id(client: redis.Redis) -> EntryId:
    return stream.newest(client, 1)[0].id


def test_a_page_resumes_at_another_process_with_all_it_missed(client, make_hub):
    one, other = make_hub(), make_hub()
    publish(client, 1, 2)
    until(lambda: one.tip == other.tip == last_id(client), "both have read")
    cursor = one.tip
    publish(client, 3, 4)
    until(lambda: other.tip == last_id(client), "the other has read")
    _, first = join(other, cursor=cursor)
    assert numbers_in(first) == [3, 4]
    assert b"live:resync" not in first


def test_a_process_started_later_knows_what_came_before_it(client, make_hub):
    publish(client, 1, 2, 3)
    cursor = stream.newest(client, 3)[0].id
    _, first = join(make_hub(), cursor=cursor)
    assert numbers_in(first) == [2, 3]


def test_a_cursor_a_moment_ahead_of_this_process_is_waited_for(client, make_hub):
    hub = make_hub()
    publish(client, 1)
    _, first = join(hub, cursor=last_id(client))  # most likely not read yet
    assert numbers_in(first) == []
    assert b"live:resync" not in first


def test_who_hears_two_topics_of_one_entry_gets_it_once(client, make_hub):
    hub = make_hub()
    listener, _ = join(hub, topics=frozenset({"staff", "ticket:7", "user:1"}))
    publish(client, 1, topics=frozenset({"staff", "ticket:7"}))
    listener.wait(5)
    assert numbers_in(listener.take()) == [1]


def test_a_reader_that_the_stream_has_outrun_makes_pages_read_anew(client, make_hub):
    hub = make_hub()
    listener, _ = join(hub)
    with client.pipeline() as all_at_once:  # as after a long pause: more than the stream holds
        for number in range(2 * BATCH + 100):
            all_at_once.xadd(stream.KEY, {"t": "staff", "f": named("test:numbered", {"n": number})})
        all_at_once.xtrim(stream.KEY, maxlen=BATCH + 50, approximate=False)
        all_at_once.execute()
    until(lambda: hub.tip == last_id(client), "the hub is at the end")
    listener.wait(5)
    assert b"live:resync" in listener.take()


def test_an_emptied_stream_that_still_exists_does_not_spin(client, make_hub):
    hub = make_hub()
    publish(client, 1)
    until(lambda: hub.tip == last_id(client), "read")
    client.xtrim(stream.KEY, maxlen=0, approximate=False)
    until(
        lambda: client.xlen(stream.KEY) == 1 and hub.tip == last_id(client),
        "a marker stands at its start",
    )


def test_an_order_to_end_that_came_while_rights_were_read_ends_the_stream(client, make_hub):
    hub = make_hub()
    rights_as_of = hub.tip
    stream.add_ending(client, 1)
    until(lambda: hub.tip != rights_as_of, "read")
    ended, _ = join(hub, user_id=1, rights_as_of=rights_as_of)
    other, _ = join(hub, user_id=2, rights_as_of=rights_as_of)
    assert ended.ended
    assert not other.ended


def test_a_stopping_process_sends_its_listeners_away(client, make_hub):
    hub = make_hub()
    before, _ = join(hub)
    hub.stop()
    after, _ = join(hub)
    assert before.ended
    assert after.ended


def test_leaving_leaves_nothing_behind(client, make_hub):
    hub = make_hub()
    for number in range(1, 50):
        listener, _ = join(hub, user_id=number, topics=frozenset({"staff", f"user:{number}"}))
        hub.leave(listener)
    assert len(hub) == 0
    assert not hub._by_topic
    assert not hub._by_user


def test_every_cursor_handed_out_is_the_id_of_an_entry(client, make_hub):
    hub = make_hub()
    _, first = join(hub)
    cursor = parse_id(first.split(b"id: ")[1].split(b"\n")[0].decode())
    assert cursor is not None
    assert stream.holds(client, cursor)
