"""What the desk's main pages cost with many tickets, against a floor of one query and one template for the same rows.

python -m bench.pages [--tickets 100000] [--database postgresql://…/postgres] [--requests 40] [--at-once 16]
    [--kept sqlite:////tmp/pages.db] [--only list,ticket]

Prints JSON: for each page, at one request and at several at once, the desk's and the floor's median and 95th percentile
in ms, the CPU of the web process (ms a request; PostgreSQL's own is not in it), and desk ÷ floor of both.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil

from bench import desk
from bench.pages_filled import EMAIL, PASSWORD, RARE, Place, filled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite without it")
    parser.add_argument(
        "--kept", default="", help="a database instead, that stays; filled where empty"
    )
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--only", default="", help="pages, with commas between")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        desk.own_desk(folder, chosen.database, kept=chosen.kept) as running,
    ):
        place = filled(running, chosen.tickets)
        try:
            found = measure(running, place, chosen)
        except BaseException:
            print(running.log("web")[-4000:], file=sys.stderr)
            raise
    kind = "PostgreSQL" if running.environ["DATABASE_URL"].startswith("postgresql") else "SQLite"
    about = {"tickets": chosen.tickets, "database": kind, "load": os.getloadavg()[0]}
    print(json.dumps({**about, "pages": found}, indent=1))


def measure(running: desk.Processes, place: Place, chosen: argparse.Namespace) -> dict[str, object]:
    requests, at_once = chosen.requests, chosen.at_once
    web = desk.start_web(running)
    port = desk.free_port()
    floor = ("-m", "gunicorn", "-c", "bench/floor_gunicorn.py", "bench.pages_floor:create_app()")
    running.start("floor", *floor, "-b", f"127.0.0.1:{port}")
    desk.wait_for_port(port)
    ours, csrf = signed_in(f"http://127.0.0.1:{web}")
    bare = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
    found: dict[str, object] = {}
    for name, (of_desk, of_floor) in asked(ours, bare, csrf, place).items():
        if chosen.only and name not in chosen.only.split(","):
            continue
        found[name] = {}
        for count in (1, at_once):
            total = requests if count == 1 else requests * 4
            pair = [
                timed(running, which, ask, total, count)
                for which, ask in (("web", of_desk), ("floor", of_floor))
            ]
            ratios = {
                key: round(pair[0][key] / pair[1][key], 1) for key in ("p50", "cpu") if pair[1][key]
            }
            found[name][f"at_{count}"] = {"desk": pair[0], "floor": pair[1], "ratio": ratios}  # type: ignore[index]
            print(f"{name:9} at {count:2}: {pair[0]} floor {pair[1]} {ratios}", file=sys.stderr)
    return found


Ask = Callable[[], httpx.Response]


def asked(
    ours: httpx.Client, bare: httpx.Client, csrf: str, place: Place
) -> dict[str, tuple[Ask, Ask]]:
    """page → (how the desk is asked, how the floor is)."""
    refs = iter(place.refs * 10)
    text = "The lamp in front of the barangay hall has been dark for a week."

    def create() -> httpx.Response:
        form = {"title": "Dark corner", "description": text, "category": place.category}
        key = {"csrf_token": csrf, "submission_key": secrets.token_hex(16)}
        return ours.post("/tickets/new", data={**form, **key})

    def reply() -> httpx.Response:
        key = {"csrf_token": csrf, "submission_key": secrets.token_hex(16)}
        return ours.post(
            f"/tickets/{next(refs)}/respond", data={"body": text, "mode": "answer", **key}
        )

    filtered = {"status": "open", "category": place.category}
    found = re.search(r'data-poll="([^"]+)"', ours.get("/tickets").text)
    assert found is not None
    poll = html.unescape(found[1])
    return {
        "list": (lambda: ours.get("/tickets"), lambda: bare.get("/list")),
        "filtered": (
            lambda: ours.get("/tickets", params=filtered),
            lambda: bare.get("/filtered", params=filtered),
        ),
        "deep": (
            lambda: ours.get("/tickets", params={"after": place.after}),
            lambda: bare.get("/deep", params=place.deep),
        ),
        "search": (
            lambda: ours.get("/tickets", params={"q": RARE}),
            lambda: bare.get("/search", params={"q": RARE}),
        ),
        "ticket": (
            lambda: ours.get(f"/tickets/{place.thread}"),
            lambda: bare.get("/ticket", params={"ref": place.thread}),
        ),
        "poll": (lambda: ours.get(poll), lambda: bare.get("/poll")),
        "create": (create, lambda: bare.post("/create", data={"title": "x", "description": text})),
        "reply": (
            reply,
            lambda: bare.post("/reply", params={"ref": next(refs)}, data={"body": text}),
        ),
    }


def signed_in(base: str) -> tuple[httpx.Client, str]:
    client = httpx.Client(base_url=base, timeout=120)
    page = client.get("/login").text
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": _csrf(page)}
    answer = client.post("/login", data=form)
    assert answer.status_code in (302, 303), answer.text[:500]
    return client, _csrf(client.get("/tickets/new").text)


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found is not None
    return found[1]


def timed(
    running: desk.Processes, name: str, ask: Ask, total: int, at_once: int
) -> dict[str, float]:
    for _ in range(3):
        ask()
    before, took = _cpu(running, name), []

    def one(_number: int) -> None:
        start = time.perf_counter()
        answer = ask()
        assert answer.status_code in (200, 204, 302, 303, 304), (
            answer.status_code,
            answer.text[:500],
            running.log(name)[-1500:],
        )
        took.append((time.perf_counter() - start) * 1000)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, range(total)))
    cpu = (_cpu(running, name) - before) / total * 1000
    took.sort()
    return {
        "p50": round(statistics.median(took), 1),
        "p95": round(took[int(len(took) * 0.95)], 1),
        "cpu": round(cpu, 1),
    }


def _cpu(running: desk.Processes, name: str) -> float:
    process = psutil.Process(running.running[name].pid)
    return sum(sum(each.cpu_times()[:2]) for each in family(process))


def family(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    yield from process.children(recursive=True)


if __name__ == "__main__":
    main()
