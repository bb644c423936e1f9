"""Behind a real nginx: buffers on and off, two web processes, processes and Redis killed while fifty listen."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr

from tests.conftest import PATIENCE_S
from tests.realtime.conftest import Redis, Server, serving, until
from tests.realtime.desk import SECRET
from tests.realtime.nginx import nginx
from tests.realtime.raw import Listener, listener
from tests.realtime.test_browser import COUNT, is_state, wait_seen
from tests.serving import window_on
from webapp.core import settings as core_settings
from webapp.realtime import roundtrip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.any_database,
    pytest.mark.xdist_group("live-nginx"),
]

OBEYS = "proxy_buffering on;"  # as it comes from the distribution: it obeys X-Accel-Buffering
NO_BUFFERS = "proxy_buffering off; proxy_http_version 1.1;"
HOLDS = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"


@pytest.fixture
def checked_at(app, server: Server):
    """Does the round trip as the desk at that public address would."""
    there = core_settings.current()

    def check(base: str) -> roundtrip.Found:
        own = {"base_url": base, "redis_url": server.redis.url, "secret_key": SecretStr(SECRET)}
        core_settings.install(there.model_copy(update=own))
        return roundtrip.check()

    yield check
    core_settings.install(there)


@pytest.mark.parametrize("directives", [OBEYS, NO_BUFFERS])
def test_events_pass_at_once_with_and_without_buffers(server, tmp_path, checked_at, directives):
    with nginx(tmp_path, [server.base], extra=directives) as base:
        behind = replace(server, base=base)
        andres = listener(behind, "staff", who="andres").connect()
        andres.wait_for("live:ready")
        for number in range(1, 4):
            server.publish("staff", number, number)
            andres.wait_for("test:numbered", count=number)  # what is held back never comes
        found = checked_at(base)
        andres.close()
    assert found.kind == roundtrip.OK, found
    assert found.via.startswith("nginx")
    assert roundtrip.last() == found


def test_a_proxy_that_holds_streams_and_one_that_leads_nowhere_are_told_apart(
    server, tmp_path, checked_at
):
    with nginx(tmp_path, [server.base], extra=HOLDS) as base:
        held = checked_at(base)
    assert (held.kind, held.via) == (roundtrip.HELD, "nginx/" + held.via.partition("/")[2])
    assert checked_at(base).kind == roundtrip.UNREACHABLE  # it is gone now
    assert checked_at(f"{server.base}/elsewhere").kind == roundtrip.ELSEWHERE


@pytest.mark.browser
def test_behind_buffers_a_page_polls_within_five_seconds_says_so_and_loses_nothing(
    server, tmp_path, browser: Browser
):
    with nginx(tmp_path, [server.base], extra=HOLDS) as base:
        context = window_on(browser, base)
        page = context.new_page()
        page.goto("/sign-in/andres")
        page.goto("/page?topics=staff")
        page.evaluate(COUNT)
        began = page.evaluate("performance.now()")
        is_state(page, "polling")
        waited = page.evaluate(
            "performance.getEntriesByType('resource').find((one) => one.name.includes('/live/poll')).startTime"
        )
        assert waited - began < 5000
        assert page.inner_text("#live-state") == "Live, checking every 5 s"
        server.publish("staff", 1, 5)
        assert wait_seen(page, 5) == [1, 2, 3, 4, 5]
        context.close()


@pytest.fixture(scope="module")
def second(live_redis: Redis, database: str):
    with serving(live_redis, database) as one:
        yield one


@pytest.fixture
def both(server: Server, second: Server, tmp_path: Path):
    with nginx(tmp_path, [server.base, second.base]) as base:
        yield replace(server, base=base)


class Crowd:
    """Raw clients that come back when their stream ends, as browsers do."""

    def __init__(self, behind: Server, size: int) -> None:
        first = listener(behind, "staff", who="andres")
        self.clients = [Listener(first.base, first.path, first.cookie) for _ in range(size)]
        self._done = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Crowd:
        for client in self.clients:
            client.connect()
        self._keeper.start()
        until(lambda: all(c.of("live:ready") for c in self.clients), "all listen")
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        self._keeper.join(PATIENCE_S)
        for client in self.clients:
            client.close()

    def _keep(self) -> None:
        while not self._done.wait(0.05):
            for client in self.clients:
                if client.ended and not self._done.is_set():
                    client.connect()

    def numbers(self) -> list[list[int]]:
        return [[m.number for m in client.of("test:numbered")] for client in self.clients]

    def wait_for(self, number: int) -> None:
        until(
            lambda: all(
                any(m.number == number for m in c.of("test:numbered")) for c in self.clients
            ),
            f"everybody has {number}",
        )


def test_one_client_cut_again_and_again_hears_all_in_order_from_two_processes(server, second, both):
    andres = listener(both, "staff", who="andres").connect()
    andres.wait_for("live:ready")

    def publish() -> None:
        for number in range(1, 101):
            (server, second)[number % 2].publish("staff", number, number)

    publishing = threading.Thread(target=publish)
    publishing.start()
    for _ in range(20):
        time.sleep(random.uniform(0.01, 0.05))
        andres.connect()
    publishing.join()
    numbers = [message.number for message in andres.wait_for("test:numbered", count=100)]
    assert numbers == list(range(1, 101))
    assert len(andres.of("live:resync")) == 1  # the first, whose address held no cursor
    andres.close()


def test_fifty_listen_while_web_processes_and_redis_are_killed(server, second, both):
    with Crowd(both, 50) as crowd:
        for number in range(1, 61):
            if number in (20, 40):  # nginx sends them to the other one, or to its successor
                _kill_worker(second if number == 20 else server)
            _publish_anywhere((server, second), number)
        crowd.wait_for(60)
        assert crowd.numbers() == [list(range(1, 61))] * 50
        assert all(len(client.of("live:resync")) == 1 for client in crowd.clients)

        server.redis.kill()
        server.redis.start()
        until(
            lambda: all(len(c.of("live:resync")) >= 2 for c in crowd.clients),
            "all are told to read anew",
        )
        until(lambda: _is_up(server) and _is_up(second), "both serve")
        server.publish("staff", 61, 65)
        crowd.wait_for(65)
        assert crowd.numbers() == [list(range(1, 66))] * 50


def _kill_worker(of: Server) -> None:
    (worker,) = psutil.Process(of.process.pid).children()
    os.kill(worker.pid, signal.SIGKILL)


def _publish_anywhere(servers: tuple[Server, ...], number: int) -> None:
    """At whoever answers: a process that is just killed has published it or not, so each is asked for a ping first."""
    until(lambda: any(_is_up(one) for one in servers), "one serves")
    for one in servers:
        if _is_up(one):
            one.publish("staff", number, number)
            return


def _is_up(one: Server) -> bool:
    try:
        return httpx.get(f"{one.base}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
