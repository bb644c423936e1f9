"""As bench/pull.py, but as a desk does it: asked for by *Sync now*, done by a worker that runs already.

    python -m bench.pull_queued [--records 100000] [--database postgresql://…/postgres]

Upstream, Redis and `worker.py pull+slow` are processes of their own on loopback; the worker makes a process for each
pull. Prints one JSON line. Of each round: `wall` from just before the commit that asks for the pull until its run has
ended, the process's start included (a run that stops at its limit of records is asked for again); `cpu` of that
process, by the worker's own books; `peak_mb` its resident memory, `own_mb` the part of it that it does not share with
the worker (both by looking every 20 ms).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bench import pull
from bench.desk import own_desk, own_upstream

LOOKS_EVERY_S = 0.02


class Looking(threading.Thread):
    """At the children of one worker: what one of them holds at most."""

    def __init__(self, worker: int) -> None:
        super().__init__(daemon=True)
        self.worker, self.peak, self.own = psutil.Process(worker), 0.0, 0.0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(LOOKS_EVERY_S):
            for child in self.worker.children():
                with suppress(OSError, psutil.Error, ValueError):
                    self._look(Path(f"/proc/{child.pid}"))

    def _look(self, process: Path) -> None:
        self.peak = max(self.peak, _kilobytes(process / "status", "VmHWM:") / 1024)
        shares = process / "smaps_rollup"
        own = _kilobytes(shares, "Private_Dirty:") + _kilobytes(shares, "Private_Clean:")
        self.own = max(self.own, own / 1024)


def _kilobytes(path: Path, name: str) -> int:
    return sum(int(line.split()[1]) for line in path.read_text().splitlines() if name in line)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite by default")
    parser.add_argument("--limit", type=float, default=900, help="seconds until it gives up")
    options = parser.parse_args()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-bench-"))
        upstream = parts.enter_context(own_upstream(options.records))
        desk = parts.enter_context(own_desk(folder, options.database))
        quiet = argparse.Namespace(profile="", limit=options.limit)
        pull.run(["prepare", upstream], {**os.environ, **desk.environ}, quiet)
        os.environ.update(desk.environ)
        worker = desk.start("worker", "worker.py", "pull+slow").pid
        found = _rounds(worker, upstream, options.limit)
    told = {"bench": "pull_queued", "database": found.pop("database"), "records": options.records}
    print(json.dumps({**told, **found}))


def _rounds(worker: int, upstream: str, limit: float) -> dict[str, Any]:
    from webapp import create_app
    from webapp.core import db

    with create_app(pages=False).app_context():
        _wait_for_worker(limit)
        found: dict[str, Any] = {"database": db.db.engine.dialect.name}
        for name in pull.ROUNDS:
            if name == "one_percent":
                urllib.request.urlopen(f"{upstream}/change", data=b"{}").close()
            found[name] = _round(worker, limit, everything=name == "nothing_changed")
        return found


def _round(worker: int, limit: float, *, everything: bool) -> dict[str, float]:
    from webapp.core import db
    from webapp.events.types import SYSTEM
    from webapp.sync import actions
    from webapp.sync.models import Connection

    last, cpu, looking = _last_run(), _cpu_of_children(worker), Looking(worker)
    looking.start()
    with db.transaction() as session:
        connection = session.get_one(Connection, 1)
        if everything:
            connection.watermark, connection.cursor = None, {}
    # The first pull may run already: making the connection asked for it.
    before = last.id - 1 if last.id and not last.ended_at else last.id
    started, state = time.perf_counter(), "partial"
    while state == "partial":
        with db.transaction() as session:
            actions.request_sync(session.get_one(Connection, 1), actor=SYSTEM)
        while (run := _last_run()) == last or not run.ended_at:
            if time.perf_counter() - started > limit:
                raise SystemExit("The pull did not end.")
            time.sleep(0.005)
        last, state = run, run.state
    wall = time.perf_counter() - started
    while psutil.Process(worker).children():  # its books are closed when it is gone
        time.sleep(0.005)
    looking.done.set()
    looking.join()
    cpu = _cpu_of_children(worker) - cpu
    return {
        "wall": round(wall, 2),
        "cpu": round(cpu, 2),
        "peak_mb": round(looking.peak, 1),
        "own_mb": round(looking.own, 1),
        "fetched": _fetched_since(before),
    }


def _cpu_of_children(worker: int) -> float:
    times = psutil.Process(worker).cpu_times()
    return float(times.children_user + times.children_system)


class LastRun(NamedTuple):
    id: int = 0
    ended_at: Any = None
    state: str = ""


def _last_run() -> LastRun:
    from sqlalchemy import select

    from webapp.core import db
    from webapp.sync.models import Run

    db.session().rollback()
    columns = (Run.id, Run.ended_at, Run.state)
    found = db.session().execute(select(*columns).order_by(Run.id.desc()).limit(1)).first()
    return LastRun(*found) if found is not None else LastRun()


def _fetched_since(run_id: int) -> int:
    """By all runs after that one: the desk itself goes on where one stopped at its limit."""
    from sqlalchemy import func, select

    from webapp.core import db
    from webapp.sync.models import Run

    return int(db.session().scalar(select(func.sum(Run.fetched)).where(Run.id > run_id)) or 0)


def _wait_for_worker(limit: float) -> None:
    import rq

    from webapp.core import redis

    started = time.perf_counter()
    while not rq.Worker.count(connection=redis.client()):
        if time.perf_counter() - started > limit:
            raise SystemExit("The worker did not start.")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
