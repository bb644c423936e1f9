"""Pulling many reports from the demo MyNaga: records a second and peak memory. Prints one JSON line.

    python bench/pull.py --records 50000
    python bench/pull.py --records 50000 --database postgresql://…/an_empty_database

The upstream, Redis and the puller are processes of their own on loopback. Three rounds, each of which
reads the whole list: the first pull, one in which nothing has changed, one in which 1 % has. `rss_mb_growth`
is the puller's peak resident memory in that round less what it held before the first one.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_pull_rounds(options)))
        return
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-bench-"))
        upstream = parts.enter_context(_upstream(folder, options.records))
        redis_url = parts.enter_context(_redis(folder))
        database = options.database or f"sqlite:///{folder}/tulay.db"
        done = subprocess.run(
            [sys.executable, __file__, "--child", upstream, "--records", str(options.records)],
            env=_environ(folder, database=database, redis_url=redis_url),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            timeout=options.limit,
            check=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        print(json.dumps({"bench": "pull", "database": database.split(":")[0], **found}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--database", default="", help="an empty database; SQLite by default")
    parser.add_argument("--limit", type=float, default=900, help="seconds until it gives up")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _environ(folder: str, *, database: str, redis_url: str) -> dict[str, str]:
    from cryptography.fernet import Fernet

    return {
        **os.environ,
        "SECRET_KEY": secrets.token_hex(32),
        "TULAY_SECRET_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
        "ATTACHMENTS_URL": f"file://{folder}/attachments",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def _upstream(folder: str, records: int) -> Iterator[str]:
    state = Path(folder, "mynaga.sqlite")
    command = ["-m", "webapp.demo.mynaga", "--port", "0", "--every", "0"]
    with subprocess.Popen(
        [sys.executable, *command, "--records", str(records), "--state", str(state)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield said.rsplit(" ", 1)[-1].strip()
        finally:
            process.terminate()


@contextmanager
def _redis(folder: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(
        [shutil.which("redis-server") or "redis-server", *options], stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(0.5)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(5)


def _pull_rounds(options: argparse.Namespace) -> dict[str, object]:
    from webapp import create_app
    from webapp.core import db

    app = create_app()
    with app.app_context():
        db.Base.metadata.create_all(db.db.engine)
        connection_id = _connect(options.child)
        before = _rss_mb()
        rounds = {"first": _round(connection_id, before)}
        rounds["nothing_changed"] = _round(connection_id, before)
        _change(options.child, max(options.records // 100, 1))
        rounds["one_percent"] = _round(connection_id, before)
        if db.db.engine.dialect.name == "postgresql":
            db.db.session.remove()
            db.Base.metadata.drop_all(db.db.engine)
    return {"records": options.records, **rounds}


def _connect(url: str) -> int:
    from webapp.core import db
    from webapp.demo.mynaga.tokens import FULL_TOKEN
    from webapp.events.types import SYSTEM
    from webapp.sync import actions

    with db.transaction():
        connection = actions.create_connection(
            kind="mynaga",
            name="Bench",
            base_url=url,
            secret=FULL_TOKEN,
            allow_http=True,
            actor=SYSTEM,
        )
    return connection.id


def _round(connection_id: int, before: float) -> dict[str, object]:
    """One pull of the whole list, over as many runs as it takes."""
    from sqlalchemy import func, select

    from webapp.core import db
    from webapp.sync import tasks
    from webapp.sync.models import Connection, Run

    with db.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        connection.watermark, connection.cursor = None, {}
        last = session.scalar(select(func.max(Run.id))) or 0
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    started, cpu = time.perf_counter(), time.process_time()
    while tasks.pull_now(connection_id) == "partial":
        pass
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    columns = ("fetched", "created", "updated", "unchanged", "quarantined")
    sums = db.session().execute(
        select(*(func.sum(getattr(Run, name)) for name in columns)).where(Run.id > last)
    )
    counts = dict(zip(columns, sums.one(), strict=True))
    db.session().rollback()
    return {
        "seconds": round(took, 2),
        "cpu_seconds": round(cpu, 2),
        "records_per_s": round(counts["fetched"] / took),
        "rss_mb_growth": round(_rss_mb(peak=True) - before, 1),
        **counts,
    }


def _change(url: str, times: int) -> None:
    for _ in range(times):
        request = urllib.request.Request(
            f"{url}/_control",
            data=b'{"do": "change"}',
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()


def _rss_mb(*, peak: bool = False) -> float:
    wanted = "VmHWM:" if peak else "VmRSS:"
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
