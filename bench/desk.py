"""The desk's real processes for benches: a database, a Redis, web, workers, scheduler, all of a bench's own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psutil

from bench.embedded import own_redis
from webapp.demo.orphan import die_with_parent

ROOT = Path(__file__).parents[1]
WEB = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "webapp:create_app()")
SCHEDULER, WORKER = ("worker.py", "--scheduler"), ("worker.py",)


class Processes:
    """Those that one bench has started, by name; each can be killed as when a machine goes down."""

    def __init__(self, folder: str, environ: Mapping[str, str]) -> None:
        self.folder, self.environ = folder, dict(environ)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`python ARGUMENTS` in the project's folder; what it says goes to a log of that name."""
        with Path(self.folder, f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT, env={**os.environ, **self.environ}, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent,  # noqa: PLW1509 - it only tells the kernel
            )  # fmt: skip
        return self.running[name]

    def kill(self, name: str) -> None:
        """-9 for the process and all below it, the children that run its tasks included."""
        process = self.running.pop(name)
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for each in family:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, 10)
        process.wait(10)

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def log(self, name: str) -> str:
        return Path(self.folder, f"{name}.log").read_text(errors="replace")


@contextmanager
def own_desk(folder: str, server: str = "", kept: str = "") -> Iterator[Processes]:
    """A database (on a PostgreSQL server where one is named; or `kept`), a Redis and nothing running yet."""
    database_of_it = nullcontext(kept) if kept else own_database(folder, server)
    with own_redis(folder) as redis_url, database_of_it as database:
        processes = Processes(folder, environ(folder, database=database, redis_url=redis_url))
        try:
            yield processes
        finally:
            processes.stop()


@contextmanager
def own_database(folder: str, server: str, name: str = "tulay") -> Iterator[str]:
    """Its address; an empty one, dropped with the block."""
    if not server:
        yield f"sqlite:///{folder}/{name}.db"
        return
    import psycopg

    name = f"tulay_bench_{name}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def own_upstream(records: int) -> Iterator[str]:
    """bench/upstream.py in a process of a bench's own; its address."""
    command = [sys.executable, str(ROOT / "bench/upstream.py"), "--records", str(records)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - the same
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def environ(folder: str, *, database: str, redis_url: str) -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "TULAY_SECRET_KEYS": "l5bcFcbBx4yNNPiYfKfiMPa2tcEPFS_Y4VwYFQnNBTA=",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
        "ATTACHMENTS_URL": f"file://{folder}/attachments",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "1",
    }


def start_web(processes: Processes) -> int:
    """gunicorn with the real app; its port, once it answers."""
    port = free_port()
    processes.start("web", *WEB, "-b", f"127.0.0.1:{port}")
    wait_for_port(port)
    return port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("A server did not start within a minute.")
