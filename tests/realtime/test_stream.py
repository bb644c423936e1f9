"""The stream over real HTTP: gunicorn, gevent, a real Redis."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import threading
import time

import httpx
import pytest

from tests.conftest import PATIENCE_S
from tests.realtime.conftest import Server, answers, until
from tests.realtime.raw import listener, polled

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live-http")]


@pytest.fixture
def stream(server: Server):
    opened = []

    def open_one(topics: str, **kwargs):
        one = listener(server, topics, **kwargs).connect()
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.close()


def test_what_is_published_arrives_with_its_name_and_data(server, stream):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    server.publish("staff", 1, 3)
    assert [message.number for message in andres.wait_for("test:numbered", count=3)] == [1, 2, 3]


def test_the_stream_forbids_buffering_caching_and_compression(server, stream):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    for header in (
        "x-accel-buffering: no",
        "cache-control: no-store",
        "content-encoding: identity",
        "text/event-stream",
    ):
        assert header in andres.headers


def test_twenty_cuts_while_200_events_come_lose_nothing_double_nothing_and_keep_the_order(
    server, stream
):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    publishing = threading.Thread(
        target=lambda: [
            (server.publish("staff", n, n + 4), time.sleep(0.01)) for n in range(1, 201, 5)
        ]
    )
    publishing.start()
    for _ in range(20):
        time.sleep(random.uniform(0.005, 0.06))
        andres.cut()
        andres.connect()
    publishing.join()
    numbers = [message.number for message in andres.wait_for("test:numbered", count=200)]
    assert numbers == list(range(1, 201))
    assert andres.connections == 21
    assert len(andres.of("live:resync")) == 1  # the first, whose address held no cursor


def test_a_page_begins_at_the_cursor_in_its_address(server, stream):
    first = stream("staff", who="andres")
    cursor = first.wait_for("live:ready")[0].id
    first.cut()
    server.publish("staff", 7, 9)
    second = stream("staff", who="andres", after=cursor)
    assert [message.number for message in second.wait_for("test:numbered", count=3)] == [7, 8, 9]
    assert not second.of("live:resync")


@pytest.mark.parametrize("cursor", ["1-1", "nonsense", "", "99999999999999-0"])
def test_an_unknown_cursor_gets_a_resync_and_then_lives(server, stream, cursor):
    andres = stream("staff", who="andres", after=cursor)
    andres.wait_for("live:ready")
    assert [message.event for message in andres.messages] == ["live:resync", "live:ready"]
    server.publish("staff", 1, 1)
    andres.wait_for("test:numbered")


def test_everybody_hears_only_their_topics(server, stream):
    staff = stream("staff", who="andres")
    admin = stream("staff,admin", who="amihan")
    reporter = stream("follow:token-of-rosa-0001")
    for one in (staff, admin, reporter):
        one.wait_for("live:ready")
    server.publish("staff", 1, 1)
    server.publish("admin", 2, 2)
    server.publish("ticket:1", 3, 3)
    server.publish("follow:1", 4, 4)
    server.publish("follow:2", 5, 5)
    server.publish("staff", 6, 6)
    assert [message.number for message in admin.wait_for("test:numbered", count=3)] == [1, 2, 6]
    assert [message.number for message in staff.wait_for("test:numbered", count=2)] == [1, 6]
    assert [message.number for message in reporter.wait_for("test:numbered")] == [4]


@pytest.mark.parametrize(
    ("who", "topics", "status"),
    [
        (None, "staff", 401),
        (None, "follow:token-of-rosa-0001,staff", 401),
        (None, "follow:token-of-rosa-9999", 403),
        (None, "follow:1", 403),
        ("nadia", "staff", 403),
        ("nadia", "ticket:1", 403),
        ("felix", "staff", 403),
        ("andres", "admin", 403),
        ("andres", "outbox", 403),
        ("andres", "connection:1", 403),
        ("andres", "user:999", 403),
        ("amihan", "secrets", 403),
        ("amihan", "ticket:0", 403),
        ("amihan", "", 403),
    ],
)
def test_a_topic_that_is_not_for_you_is_refused_in_plain_words_and_never_by_a_redirect(
    server, who, topics, status
):
    client = server.signed_in(who) if who else httpx.Client(base_url=server.base)
    with client:
        for path in ("/live", "/live/poll"):
            answer = client.get(path, params={"topics": topics, "after": ""})
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("text/plain")


def test_polling_tells_the_same_entries_in_the_same_order(server, stream):
    andres = stream("staff", who="andres")
    cursor = andres.wait_for("live:ready")[0].id
    httpx.post(
        f"{server.base}/do",
        json={
            "call": "push_html",
            "args": ["staff", '<hx-partial hx-target="#a">\n\u2028é\r\n</hx-partial>'],
        },
    )
    server.publish("staff", 1, 5)
    server.publish("admin", 6, 6)
    streamed = andres.wait_for("test:numbered", count=5)[-5:]
    events, cursor = polled(server, "staff", cursor, who="andres")
    assert [(event["id"], event["event"], event["data"]) for event in events] == [
        (message.id, message.event, message.data)
        for message in andres.messages
        if not message.event.startswith("live:")
    ]
    assert [event["id"] for event in events[1:]] == [message.id for message in streamed]
    assert polled(server, "staff", cursor, who="andres")[0] == []


def test_no_database_connection_is_held_while_streaming(server, stream):
    for _ in range(10):
        stream("staff", who="andres").wait_for("live:ready")
    assert server.get("/db-connections-in-use").text == "0"


def test_streams_end_when_rights_change(server, stream):
    andres = stream("staff", who="andres")
    amihan = stream("staff", who="amihan")
    andres.wait_for("live:ready")
    amihan.wait_for("live:ready")
    server.do("end_streams", server.user_id("andres"))
    andres.wait_for_end()
    server.publish("staff", 1, 1)
    amihan.wait_for("test:numbered")
    assert not amihan.ended


def test_head_opens_no_stream(server):
    with server.signed_in("andres") as client:
        assert client.head("/live?topics=staff").status_code == 200


def test_a_client_that_does_not_read_is_dropped_and_can_resume(server, stream):
    slow = listener(server, "staff", who="andres", after="")
    address = ("127.0.0.1", int(server.base.rsplit(":", 1)[1]))
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(address)
        deaf.sendall(
            f"GET {slow.path} HTTP/1.1\r\nHost: x\r\nCookie: {slow.cookie}\r\n\r\n".encode()
        )
        start = ""
        while "live:ready" not in start:
            start += deaf.recv(3000).decode()
        cursor = start.split("id: ")[1].split("\n")[0]
        html = '<hx-partial hx-target="#x">' + "x" * 60_000 + "</hx-partial>"
        for _ in range(150):  # more than the kernel's buffers take
            server.do("push_html", "staff", html)
        for first in range(1, 1801, 200):
            server.publish("staff", first, first + 199)
        time.sleep(1)
        deaf.settimeout(PATIENCE_S)
        with contextlib.suppress(ConnectionError):
            while deaf.recv(65536):  # a stream still open would time out here
                pass
    resumed = stream("staff", who="andres", after=cursor)
    numbers = [message.number for message in resumed.wait_for("test:numbered", count=1800)]
    assert numbers == list(range(1, 1801))


def test_emptying_redis_makes_pages_read_anew_and_stays_live(server, stream):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    before = len(andres.of("live:resync"))
    with server.redis.client() as client:
        client.flushall()
    andres.wait_for("live:resync", count=before + 1)
    server.publish("staff", 1, 2)
    assert [message.number for message in andres.wait_for("test:numbered", count=2)] == [1, 2]


def test_entries_published_right_after_redis_was_emptied_arrive_behind_a_resync(server, stream):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    seen = len(andres.messages)
    with server.redis.client() as client:
        client.flushall()
    server.publish("staff", 1, 2)
    andres.wait_for("test:numbered", count=2)
    assert [message.event for message in andres.messages[seen:]] == [
        "live:resync",
        "test:numbered",
        "test:numbered",
    ]


def test_a_redis_that_is_killed_and_comes_back_loses_no_page(server, stream):
    andres = stream("staff", who="andres")
    old = andres.wait_for("live:ready")[0].id
    resyncs = len(andres.of("live:resync"))
    server.redis.kill()
    server.publish("staff", 1, 1)  # cannot be told; must not fail either
    server.redis.start()
    andres.wait_for("live:resync", count=resyncs + 1)
    server.publish("staff", 2, 2)
    until(lambda: any(message.number == 2 for message in andres.of("test:numbered")), "live again")
    late = stream("staff", who="andres", after=old)
    late.wait_for("live:ready")
    assert late.messages[0].event == "live:resync"


def test_open_streams_do_not_hold_up_a_restart_and_resume_in_the_next_worker(server, stream):
    andres = stream("staff", who="andres")
    andres.wait_for("live:ready")
    server.publish("staff", 1, 1)
    andres.wait_for("test:numbered")
    os.kill(server.process.pid, signal.SIGHUP)
    andres.wait_for_end()
    # What comes meanwhile waits in the socket until the next worker has loaded, on a busy machine for seconds.
    until(lambda: answers(server.base), "the next worker answers")
    server.publish("staff", 2, 3)
    deadline = time.monotonic() + PATIENCE_S
    while len(andres.of("test:numbered")) < 3 and time.monotonic() < deadline:
        if andres.ended:  # as a browser does; the old worker may answer once more
            andres.connect()
        time.sleep(0.1)
    assert [message.number for message in andres.of("test:numbered")] == [1, 2, 3]
