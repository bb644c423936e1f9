"""Events to many open pages: what a delivery costs and whether any is lost. Prints one JSON line.

    python bench/live.py --clients 200 --events 300 --rate 20 [--kill] [--pages 100]

Starts a Redis of its own and one gunicorn worker with the real app on loopback, opens N streams as
signed-in agents, publishes M events of 1 kB, and reads all of them with one epoll loop (live_readers.py).
Ends by itself, at the latest after --limit seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import redis

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.live_readers import Readers  # noqa: E402
from webapp.realtime import stream  # noqa: E402
from webapp.realtime.frames import named  # noqa: E402

HTMX_DELAY_S = 0.5  # htmx's first wait before it opens a stream anew

WARM = 10  # streams that are open before memory is measured
MOST_DEVICES = 1_000  # each has a cookie of its own; more clients than that share them
DEVICES_EACH = 10  # of one agent

# Prints the session cookies of new agents; in a process of its own, because an app is one per process.
PREPARE = """
from webapp import create_app
from webapp.accounts.actions import devices
from webapp.accounts.models import User
from webapp.core import clock, db
app = create_app()
with app.app_context():
    db.Base.metadata.create_all(db.db.engine)
    with db.transaction() as session:
        made = []
        for number in range({devices}):
            if number % {each} == 0:
                user = User(email=f"bench{{number}}@example.org", name="Bench", role="agent",
                            password_hash="x", created_at=clock.now())
                session.add(user)
                session.flush()
            made.append(devices.begin(user, kind="browser", user_agent="", network="").key)
    serializer = app.session_interface.get_signing_serializer(app)
    for key in made:
        print("COOKIE", app.config["SESSION_COOKIE_NAME"] + "=" + serializer.dumps({{"device": key}}))
"""


def main() -> None:
    options = _options()
    allow_many_files()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-bench-"))
        client = parts.enter_context(_redis(folder))
        devices = min(options.clients, MOST_DEVICES)
        port, worker, cookies = parts.enter_context(_server(folder, client, devices))
        print(
            json.dumps(_measure(options, client=client, port=port, worker=worker, cookies=cookies))
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20.0, help="events a second")
    parser.add_argument("--bytes", type=int, default=1000, help="size of an event's data")
    parser.add_argument("--kill", action="store_true", help="kill -9 the worker half-way")
    parser.add_argument(
        "--delay",
        type=float,
        default=HTMX_DELAY_S,
        help="seconds after which a client comes back, 30 %% more or less, as htmx does",
    )
    parser.add_argument("--pages", type=int, default=0, help="ticket lists fetched meanwhile")
    parser.add_argument(
        "--limit", type=float, default=120.0, help="seconds after which it gives up"
    )
    return parser.parse_args()


def _measure(
    options: argparse.Namespace,
    *,
    client: redis.Redis,
    port: int,
    worker: int,
    cookies: Sequence[str],
) -> dict[str, object]:
    stop_at = time.monotonic() + options.limit
    _fill(client)
    readers = Readers(port, cookies, resume=options.kill, delay=options.delay)
    open_streams(readers, WARM, stop_at=stop_at)  # the first ones load what later ones share
    before, cpu = memory(worker), cpu_of(worker)
    open_streams(readers, options.clients, stop_at=stop_at)
    more = max(1, options.clients - WARM)
    held, opening = memory(worker), cpu_of(worker) - cpu
    quiet = _lists(port, cookies[0], options.pages)
    cpu, began, own = cpu_of(worker), time.monotonic(), time.process_time()
    publisher = _publisher(options, client)
    if options.kill:
        return _killed(options, readers, publisher, worker=worker, stop_at=stop_at)
    fetched = _Lists(port, cookies[0], options.pages)
    readers.read_until(
        lambda: readers.delivered >= options.clients * options.events, stop_at=stop_at
    )
    publisher.wait(30)
    seconds = time.monotonic() - began
    return figures(options, readers) | {
        "seconds": round(seconds, 2),
        "bench_cpu_share": round((time.process_time() - own) / seconds, 2),
        "cpu_ms_an_opening": round(opening / more * 1e3, 2),
        "cpu_s_per_million": round((cpu_of(worker) - cpu) / max(1, readers.delivered) * 1e6, 1),
        "kb_per_client": round((held - before) / 1024 / more, 1),
        "server_mb": round(memory(worker) / 1e6, 1),
        "list_p95_ms_quiet": _p95(quiet),
        "list_p95_ms": _p95(fetched.times()),
    }


def _fill(client: redis.Redis) -> None:
    """As the stream is of a desk that has run for a while: a process that begins reads it to its end."""
    block = named("bench:before", {"id": 1})
    stream.add(client, [(frozenset({"admin"}), block)] * stream.MOST_ENTRIES)


def _killed(
    options: argparse.Namespace, readers: Readers, publisher: Any, *, worker: int, stop_at: float
) -> dict[str, object]:
    """The worker is killed half-way; everybody comes back with their last id."""
    half = options.clients * options.events // 2
    readers.read_until(lambda: readers.delivered >= half, stop_at=stop_at)
    readers.ready, readers.ready_at = 0, []
    master = _parent(worker)
    killed = time.monotonic()
    os.kill(worker, signal.SIGKILL)
    readers.read_until(lambda: readers.ready > 0, stop_at=stop_at)
    served = time.monotonic()
    readers.read_until(lambda: readers.ready >= options.clients, stop_at=stop_at)
    back, cpu = time.monotonic(), cpu_of(child(master))
    readers.read_until(
        lambda: readers.delivered >= options.clients * options.events, stop_at=stop_at
    )
    publisher.wait(30)
    return figures(options, readers) | {
        "serves_again_s": round(served - killed, 2),
        "half_back_s": round(readers.ready_at[options.clients // 2] - killed, 2),
        "99_percent_back_s": round(readers.ready_at[int(options.clients * 0.99)] - killed, 2),
        "all_back_s": round(back - killed, 2),
        "cpu_s_until_all_back": round(cpu, 2),
    }


def _lists(port: int, cookie: str, count: int) -> list[float]:
    """Milliseconds of each of `count` fetches of the ticket list, one after the other."""
    times = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Cookie": cookie}) as web:
        for _ in range(count):
            began = time.perf_counter()
            web.get("/tickets", timeout=60).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
    return times


LISTS = """
import json, sys
sys.path.insert(0, {root!r})
from bench.live import _lists
print(json.dumps(_lists({port}, {cookie!r}, {count})))
"""


class _Lists:
    """The same beside the streams, by a process of its own: a thread would wait for the one that reads them."""

    def __init__(self, port: int, cookie: str, count: int) -> None:
        code = LISTS.format(root=str(ROOT), port=port, cookie=cookie, count=count)
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE
        )

    def times(self) -> list[float]:
        out, _ = self._process.communicate(timeout=120)
        return list(json.loads(out))


def _p95(times: list[float]) -> float | None:
    return round(sorted(times)[int(len(times) * 0.95)], 1) if times else None


def open_streams(readers: Readers, clients: int, *, stop_at: float) -> None:
    while readers.opened < clients:
        readers.open()
        readers.read(0)
    readers.read_until(lambda: readers.ready >= clients, stop_at=stop_at)


def figures(options: argparse.Namespace, readers: Readers) -> dict[str, object]:
    times = sorted(readers.times) or [0.0]
    expected = options.clients * options.events
    return {
        "bench": "live",
        "clients": options.clients,
        "events": options.events,
        "rate": options.rate,
        "bytes": options.bytes,
        "connected": readers.ready,
        "delivered": readers.delivered,
        "lost": expected - (readers.delivered - readers.doubled),
        "doubled": readers.doubled,
        "out_of_order": readers.out_of_order,
        "taken_apart": readers.apart,
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "max_ms": round(times[-1] * 1000, 1),
        "load": os.getloadavg()[0],
    }


PUBLISH = """
import sys, time
sys.path.insert(0, {root!r})
import redis
from bench.live import publish
publish(redis.Redis(port={port}), events={events}, rate={rate}, size={size})
"""


def publish(client: redis.Redis, *, events: int, rate: float, size: int) -> None:
    """What live.signal does, at a steady rate."""
    began = time.monotonic()
    for number in range(events):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        block = named("bench:event", {"a": "x" * (size - 60), "n": number, "t": time.time()})
        stream.add(client, [(frozenset({"staff"}), block)])


def _publisher(options: argparse.Namespace, client: redis.Redis) -> subprocess.Popen[bytes]:
    port = client.connection_pool.connection_kwargs["port"]
    code = PUBLISH.format(
        root=str(ROOT), port=port, events=options.events, rate=options.rate, size=options.bytes
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)


@contextmanager
def _redis(folder: str) -> Iterator[redis.Redis]:
    binary = shutil.which("redis-server")
    if not binary:
        raise SystemExit("bench/live.py needs redis-server on the PATH.")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield redis.Redis(port=port)
    finally:
        process.kill()
        process.wait()


@contextmanager
def _server(folder: str, client: redis.Redis, devices: int) -> Iterator[tuple[int, int, list[str]]]:
    """Port, process id of the worker, and the cookies of signed-in agents."""
    environment = os.environ | {
        "SECRET_KEY": "a secret for the bench only, long enough",
        "TULAY_SECRET_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "REDIS_URL": f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}/0",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "1",
    }
    prepare = [sys.executable, "-c", PREPARE.format(devices=devices, each=DEVICES_EACH)]
    prepared = subprocess.run(
        prepare, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    if prepared.returncode:
        raise SystemExit(prepared.stderr)
    said = prepared.stdout.splitlines()
    cookies = [line.removeprefix("COOKIE ") for line in said if line.startswith("COOKIE ")]
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "gunicorn.conf.py",
        "-b",
        f"127.0.0.1:{port}",
        "webapp:create_app()",
    ]
    master = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for(port)
        time.sleep(3)  # the worker loads the app
        yield port, child(master.pid), cookies
    finally:
        master.terminate()
        try:
            master.wait(15)
        except subprocess.TimeoutExpired:
            master.kill()
            master.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("A server did not start within a minute.")


def memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def allow_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65_536, hard)
    )


if __name__ == "__main__":
    main()
