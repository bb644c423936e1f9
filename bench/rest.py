"""What `flask --app webapp up` holds at rest, from nothing: PSS of each process. Prints one JSON line. Linux.

    python -m bench.rest [--quiet 60] [--pages 200]

Starts a desk in a folder that is gone afterwards, waits until all of it is ready and `quiet` seconds more, and sums
`/proc/PID/smaps_rollup` over its processes; then asks for the list of tickets so often, signed in, and says how much
CPU the web process took for one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from webapp.demo.home import free_port

MB = 1_000_000
READY_WITHIN_S = 300.0

_FILES = re.compile(
    r"^[0-9a-f]+-\S+ .* (/\S+)\n(?:.*\n)*?Rss: +(\d+) kB\nPss: +(\d+) kB\n(?:.*\n)*?Anonymous: +(\d+) kB",
    re.M,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=float, default=60, help="seconds from ready to the look")
    parser.add_argument("--pages", type=int, default=200, help="lists of tickets to ask for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _desk(Path(folder)) as (process, port, ready_s):
        time.sleep(options.quiet)
        found = {"bench": "rest", "ready_s": round(ready_s, 1), **_held(process)}
        with _signed_in(Path(folder), port) as client:
            found["tickets_cpu_ms"] = _cost(client, process, port, options.pages)
        found["mb_alone_after_pages"] = _held(process)["mb_alone"]
    print(json.dumps(found))


@contextmanager
def _desk(folder: Path) -> Iterator[tuple[psutil.Process, int, float]]:
    """Its first process, its port, and the seconds until all was ready."""
    port, log = free_port(), folder / "up.log"
    env = {**os.environ, "TULAY_LOCAL": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    with log.open("wb") as out:
        command = [sys.executable, "-m", "flask", "--app", "webapp", "up"]
        up = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        while "All ready" not in log.read_text():
            if up.poll() is not None or time.monotonic() - started > READY_WITHIN_S:
                raise SystemExit(log.read_text())
            time.sleep(0.05)
        yield psutil.Process(up.pid), port, time.monotonic() - started
    finally:
        up.send_signal(signal.SIGINT)
        up.wait()


def _held(first: psutil.Process) -> dict[str, Any]:
    """PSS in MB: of all, and by process; what it shares with nobody stands beside it.

    Pages of libraries that others on this machine have in memory as well count as a part: `mb_alone` counts them whole.
    """
    rows, own, files = [], 0, Counter[str]()
    for process in (first, *first.children(recursive=True)):
        try:
            memory = process.memory_full_info()
            parts = Path(f"/proc/{process.pid}/smaps").read_text()
        except (psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
            continue  # a task that has ended meanwhile
        rows.append([process.name(), round(memory.pss / MB, 1), round(memory.uss / MB, 1)])
        own += memory.pss
        here = Counter[str]()
        for path, rss, pss, anonymous in _FILES.findall(parts):
            if not int(anonymous):
                here[path] += int(rss) * 1024
                own -= int(pss) * 1024
        files |= here  # of each the most that one of them has in memory
    return {
        "mb": round(sum(pss for _, pss, _ in rows), 1),
        "mb_alone": round((own + files.total()) / MB, 1),
        "processes": rows,
    }


@contextmanager
def _signed_in(folder: Path, port: int) -> Iterator[httpx.Client]:
    email, password, _role = (folder / "accounts.txt").read_text().splitlines()[0].split()
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=60) as client:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
        assert found
        form = {"email": email, "password": password, "csrf_token": found[1]}
        assert client.post("/login", data=form).url.path == "/"
        yield client


def _cost(client: httpx.Client, first: psutil.Process, port: int, count: int) -> float:
    """Milliseconds of CPU for one list of tickets, of whoever serves them."""
    web = [p for p in first.children(recursive=True) if _listens(p, port)]
    for _ in range(20):
        assert client.get("/tickets").status_code == 200
    before = _cpu(web)
    for _ in range(count):
        client.get("/tickets")
    return round((_cpu(web) - before) * 1000 / count, 2)


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        return any(each.laddr.port == port for each in process.net_connections("tcp"))
    except psutil.NoSuchProcess:
        return False


def _cpu(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


if __name__ == "__main__":
    main()
