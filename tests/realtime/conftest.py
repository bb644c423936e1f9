from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import redis

from tests.conftest import PATIENCE_S, ROOT, free_port, redis_binary
from tests.processes import STARTS_WITHIN_S


@dataclass
class Redis:
    """A Redis of our own that can be killed and started again on the same port."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                redis_binary(),
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            stdout=subprocess.DEVNULL,
        )
        with self.client() as client:
            until(lambda: _answers(client), "Redis answers")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def until(condition, what: str, *, seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def live_redis() -> Iterator[Redis]:
    server = Redis()
    server.start()
    yield server
    server.kill()


@dataclass
class Server:
    """gunicorn with one gevent worker and the small desk of `desk.py`."""

    base: str
    process: subprocess.Popen[bytes]
    redis: Redis

    def signed_in(self, name: str) -> httpx.Client:
        with httpx.Client(base_url=self.base, timeout=PATIENCE_S) as client:
            client.get(f"/sign-in/{name}").raise_for_status()
            return httpx.Client(base_url=self.base, timeout=PATIENCE_S, cookies=client.cookies)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.base}{path}", timeout=PATIENCE_S).raise_for_status()

    def do(self, call: str, *args: object, **kwargs: object) -> None:
        """What the desk itself does at such a moment."""
        asked = {"call": call, "args": args} | kwargs
        httpx.post(f"{self.base}/do", json=asked, timeout=PATIENCE_S).raise_for_status()

    def user_id(self, name: str) -> int:
        return int(self.get(f"/sign-in/{name}").text)

    def publish(self, topic: str, first: int, last: int) -> None:
        self.get(f"/publish/{topic}/{first}/{last}")


@pytest.fixture(scope="module")
def database(live_redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/desk.db"
    # In a process of its own: an app installs its settings for the whole process.
    fill = "from tests.realtime import desk; desk.fill(desk.make_app())"
    environment = os.environ | {"TEST_LIVE_REDIS": live_redis.url, "TEST_LIVE_DATABASE": url}
    subprocess.run(
        [sys.executable, "-c", fill], cwd=ROOT, env=environment, check=True, timeout=STARTS_WITHIN_S
    )
    return url


@pytest.fixture(scope="module")
def server(live_redis: Redis, database: str) -> Iterator[Server]:
    with serving(live_redis, database) as one:
        yield one


@contextmanager
def serving(live_redis: Redis, database: str) -> Iterator[Server]:
    port = free_port()
    command = ["-m", "gunicorn", "-k", "gevent", "-w", "1", "-b", f"127.0.0.1:{port}"]
    command += ["--no-control-socket", "--worker-connections", "2000", "--graceful-timeout", "1"]
    process = subprocess.Popen(
        [sys.executable, *command, "--log-level", "warning", "tests.realtime.desk:make_app()"],
        cwd=ROOT,
        env=os.environ | {"TEST_LIVE_REDIS": live_redis.url, "TEST_LIVE_DATABASE": database},
    )
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(base), "gunicorn answers", seconds=STARTS_WITHIN_S)
        yield Server(base, process, live_redis)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/db-connections-in-use").status_code == 200
    except httpx.TransportError:
        return False
