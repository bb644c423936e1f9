"""The desk's own look at its public address: patient while the desk starts, prompt where a person waits for it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import rq

from webapp.core import redis as core_redis
from webapp.core import settings as core_settings
from webapp.realtime import roundtrip


class NotTheDesk(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture
def late(app) -> Iterator[HTTPServer]:
    """Has the port of the desk's public address, and does not listen yet."""
    there = core_settings.current()
    server = HTTPServer(("127.0.0.1", 0), NotTheDesk, bind_and_activate=False)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.server_bind()
    base = f"http://127.0.0.1:{server.server_port}"
    core_settings.install(there.model_copy(update={"base_url": base}))
    yield server
    core_settings.install(there)
    server.server_close()


def test_a_web_process_that_does_not_listen_yet_is_waited_for_and_nobody_is_warned(late, caplog):
    caplog.set_level(logging.WARNING, "webapp.realtime.roundtrip")
    refused = threading.Event()

    def listen() -> None:
        refused.wait(30)
        late.server_activate()
        late.handle_request()

    waiting = threading.Thread(target=listen)
    waiting.start()
    threading.Timer(0.2, refused.set).start()
    found = roundtrip.watch()
    waiting.join(30)

    assert found.kind == roundtrip.ELSEWHERE  # somebody answered in the end, though not this desk
    assert [record.args[0] for record in caplog.records] == [roundtrip.ELSEWHERE]


def test_whoever_presses_the_button_is_told_at_once(late, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it waited"))

    assert roundtrip.check().kind == roundtrip.UNREACHABLE
    assert roundtrip.last().kind == roundtrip.UNREACHABLE


def test_web_processes_that_start_together_ask_a_worker_for_one_round_trip(app: object) -> None:
    roundtrip.check_soon()
    roundtrip.check_soon()
    (task,) = rq.Queue("default", connection=core_redis.client()).jobs
    assert task.func_name == "webapp.realtime.roundtrip.watch"
