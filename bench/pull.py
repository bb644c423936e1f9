"""Pulling many reports, beside a bare loop that does no more than it must. Prints one JSON line.

    python bench/pull.py --records 100000
    python bench/pull.py --records 100000 --database postgresql://tulay@127.0.0.1:5432/postgres
    python bench/pull.py --records 20000 --dlt /tmp/dlt/bin/python       beside dlt, from an environment of its own

Upstream, Redis, puller and floor are processes of their own on loopback; with PostgreSQL it makes (and drops)
two databases on that server. Rounds, each a process: the first pull, a full re-read in which nothing has changed,
and an incremental pull after 1 % has. `cpu` is that of the round without the start of its process; `wall` and
`cpu_all` are of the whole process, its start and its end included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.desk import environ as environ_of  # noqa: E402 - the path first
from bench.desk import own_database, own_upstream  # noqa: E402
from bench.embedded import own_redis  # noqa: E402

ROUNDS = ("first", "nothing_changed", "one_percent")


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_child(options)))
        return
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-bench-"))
        upstream = parts.enter_context(own_upstream(options.records))
        redis_url = parts.enter_context(own_redis(folder))
        found: dict[str, dict[str, dict[str, float]]] = {}
        bases = {
            who: parts.enter_context(own_database(folder, options.database, who))
            for who in ("floor", "desk", *(["dlt"] if options.dlt else []))
        }
        for who, database in bases.items():
            environ = _environ(folder, database=database, redis_url=redis_url)
            if who != "dlt":  # which makes its own tables
                run(["prepare", upstream], environ, options)
            found[who] = {}
        for name in ROUNDS:
            if name == "one_percent":
                urllib.request.urlopen(f"{upstream}/change", data=b"{}").close()
            for who, database in bases.items():
                environ = _environ(folder, database=database, redis_url=redis_url)
                if who == "dlt":
                    found[who][name] = _run_dlt([upstream, name, folder], environ, options)
                else:
                    found[who][name] = run([who, upstream, name], environ, options)
        kind = bases["desk"].split(":")[0]
        print(json.dumps({"bench": "pull", "database": kind, "records": options.records, **found}))
        _say_ratios(found)


def _say_ratios(found: dict[str, dict[str, dict[str, float]]]) -> None:
    for name in ROUNDS:
        floor, desk = found["floor"][name], found["desk"][name]
        ratio = f"{desk['cpu'] / floor['cpu']:.2f} ×" if floor["cpu"] else "beyond"
        print(
            f"{name:16} CPU {desk['cpu']:7.2f} s = {ratio} the floor's {floor['cpu']:.2f} s"
            f" · wall {desk['wall']:.2f} s (floor {floor['wall']:.2f} s) · CPU with start and end"
            f" {desk['cpu_all']:.2f} s ({floor['cpu_all']:.2f} s) · peak {desk['peak_mb']:.0f} MB",
            file=sys.stderr,
        )
        if "dlt" in found:
            other = found["dlt"][name]
            print(
                f"{'':16} dlt: CPU {other['cpu']:.2f} s = {other['cpu'] / desk['cpu']:.1f} × the desk's"
                f" · wall {other['wall']:.2f} s · peak {other['peak_mb']:.0f} MB",
                file=sys.stderr,
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite by default")
    parser.add_argument("--dlt", default="", help="the Python of an environment that has dlt")
    parser.add_argument("--limit", type=float, default=900, help="seconds until it gives up")
    parser.add_argument("--profile", default="", help="folder for the desk's profiles")
    parser.add_argument("--child", nargs="+", default=[], help=argparse.SUPPRESS)
    return parser.parse_args()


def run(child: list[str], environ: dict[str, str], options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--profile", options.profile, "--child", *child]
    return _timed(command, environ, options)


def _run_dlt(
    child: list[str], environ: dict[str, str], options: argparse.Namespace
) -> dict[str, float]:
    """It tells nobody of its runs, and writes what it logs nowhere."""
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
    command = [options.dlt, str(ROOT / "bench/dlt_pipeline.py"), *child]
    return _timed(command, environ | quiet, options)


def _timed(
    command: list[str], environ: dict[str, str], options: argparse.Namespace
) -> dict[str, float]:
    started, cpu = time.perf_counter(), _cpu_of_children()
    done = subprocess.run(
        command,
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=options.limit,
        check=True,
    )
    wall = time.perf_counter() - started
    cpu = _cpu_of_children() - cpu
    told = json.loads(done.stdout.splitlines()[-1])
    return {"wall": round(wall, 2), "cpu_all": round(cpu, 2), **told}


def _cpu_of_children() -> float:
    """Of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environ(folder: str, *, database: str, redis_url: str) -> dict[str, str]:
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **usual,
        "PYTHONPYCACHEPREFIX": f"{folder}/bytecode",  # an installed desk is compiled; so is this one
        **environ_of(folder, database=database, redis_url=redis_url),
    }


def _child(options: argparse.Namespace) -> dict[str, object]:
    job, upstream, *rest = options.child
    # httpx loads its command line where it can: with rich and Pygments, which a desk is installed without.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    if job == "prepare":
        return _prepare(upstream)
    read = _floor(upstream, rest[0]) if job == "floor" else _desk(rest[0], options.profile)
    return {**read, "peak_mb": round(_peak_mb(), 1)}


def _prepare(upstream: str) -> dict[str, object]:
    """The tables, and one connection that reads pages of 500."""
    from webapp import create_app
    from webapp.core import db, loading
    from webapp.events.types import SYSTEM
    from webapp.sync import actions, tasks  # noqa: F401 - tasks, so that its byte code is there for all rounds
    from webapp.sync.connectors import registry

    with create_app(pages=False).app_context():
        loading.bring_work()  # all tables, and the byte code of what follows from a pull
        db.Base.metadata.create_all(db.db.engine)
        with db.transaction():
            connection = actions.create_connection(
                kind="mynaga",
                name="Bench",
                base_url=upstream,
                secret="bench-token-0123456789",
                allow_http=True,
                actor=SYSTEM,
            )
            text = registry.source("mynaga").replace("size: 200", "size: 500")
            actions.edit_declaration(connection, text=text, actor=SYSTEM)
    return {}


def _floor(upstream: str, name: str) -> dict[str, object]:
    from bench.floor import Floor

    floor = Floor(upstream, os.environ["DATABASE_URL"])
    cpu = time.process_time()
    found = floor.read(since="2026-01-01T00:00:00+00:00" if name == "one_percent" else None)
    return {"cpu": round(time.process_time() - cpu, 2), "fetched": found}


def _desk(name: str, profile: str) -> dict[str, object]:
    from webapp import create_app
    from webapp.core import db
    from webapp.sync import tasks
    from webapp.sync.models import Connection

    with create_app(pages=False).app_context():
        if name != "one_percent":
            with db.transaction() as session:
                connection = session.get_one(Connection, 1)
                connection.watermark, connection.cursor = None, {}
        cpu, profiler = time.process_time(), _profiler(profile)
        while tasks.pull_now(1) == "partial":
            pass
        cpu = time.process_time() - cpu
        if profiler is not None:
            profiler.disable()
            profiler.dump_stats(f"{profile}/{name}.prof")
        return {"cpu": round(cpu, 2), **_counts(name)}


def _profiler(folder: str):  # type: ignore[no-untyped-def]
    if not folder:
        return None
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    return profiler


def _counts(name: str) -> dict[str, object]:
    """What the runs counted; the first round's runs stand before the second's, and so on."""
    from sqlalchemy import func, select

    from webapp.core import db
    from webapp.sync.models import Run

    columns = ("fetched", "created", "updated", "unchanged", "quarantined")
    total = db.session().execute(select(*(func.sum(getattr(Run, each)) for each in columns))).one()
    return {f"all_{column}": int(value) for column, value in zip(columns, total, strict=True)}


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
