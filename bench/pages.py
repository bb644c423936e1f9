"""What the desk's main pages cost with many tickets, against a floor of one query and one template for the same rows.

python -m bench.pages [--tickets 100000] [--database postgresql://…/postgres] [--requests 40] [--at-once 16]

Prints JSON: for each page, at one request and at several at once, the desk's and the floor's median and 95th percentile
in ms, the CPU of the web process (ms a request; PostgreSQL's own is not in it), and desk ÷ floor of both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import httpx
import psutil
from flask_migrate import upgrade

from bench import desk
from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.accounts.queries import find_user_by_email
from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.core.settings import load
from webapp.events.types import SYSTEM
from webapp.tickets import queries
from webapp.tickets.models import Response, Ticket
from webapp.tickets.queries import Filters

PIECE = 2000
STATUSES = ("open",) * 3 + ("in_progress", "for_rerouting", "resolved", "closed")
CATEGORIES = [f"Category {n}" for n in range(20)]
RARE = "quetzalcoatlus"
THREAD = 20
PAGES_DEEP = 500
PASSWORD = "a long bench password"


@dataclass(frozen=True)
class Place:
    """What the pages ask for."""

    category: str
    after: str
    deep: dict[str, str]
    thread: str
    refs: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite without it")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, desk.own_desk(folder, chosen.database) as running:
        place = filled(running, chosen.tickets)
        try:
            found = measure(running, place, chosen.requests, chosen.at_once)
        except BaseException:
            print(running.log("web")[-4000:], file=sys.stderr)
            raise
    kind = "PostgreSQL" if chosen.database else "SQLite"
    about = {"tickets": chosen.tickets, "database": kind, "load": os.getloadavg()[0]}
    print(json.dumps({**about, "pages": found}, indent=1))


def filled(running: desk.Processes, tickets: int) -> Place:
    """The tables as the migrations make them, with tickets of usual lengths written past the actions."""
    app = create_app(load({**os.environ, **running.environ}), pages=False)
    with app.app_context():
        from webapp.core import migrating

        migrating.init_app(app)
        upgrade(directory=str(desk.ROOT / "migrations"))
        with db.transaction():
            accounts.create_user(
                "a@example.org", name="Amihan", role="admin", password=PASSWORD, actor=SYSTEM
            )
        for start in range(0, tickets, PIECE):
            with db.transaction():
                _fill(range(start + 1, min(start + PIECE, tickets) + 1), tickets)
        with db.db.engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("ANALYZE")
            plain.commit()  # SQLite's would be taken back otherwise
        place = _place()
        db.db.session.remove()
        db.db.engine.dispose()
    return place


def _fill(ids: range, tickets: int) -> None:
    now, chance = clock.now(), random.Random(ids.start)
    words = [f"word{n}" for n in range(4000)]
    rows = [
        {
            "id": n,
            "ref": f"T-2026-{n:06d}",
            "title": f"Broken street light {n}, Peñafrancia Avenue",
            "description": " ".join(chance.choices(words, k=50)) + (f" {RARE}" if n % 25_000 == 7 else ""),
            "status": chance.choice(STATUSES),
            "category": chance.choice(CATEGORIES),
            "barangay": f"Barangay {chance.randrange(27)}",
            "place": f"Corner of street {chance.randrange(500)}",
            "follow_token": f"token-{n:030d}",
            "reported_at": now - timedelta(minutes=tickets - n + 10),
            "created_at": now - timedelta(minutes=tickets - n),
        }
        for n in ids
    ]  # fmt: skip
    insert_rows(Ticket, rows, updated_at=now, to_compare=False)
    own = [n for n in ids if n % 5 == 0] + [n for n in ids if n == 3] * THREAD
    insert_rows(
        Response,
        [{"ticket_id": n, "body": " ".join(chance.choices(words, k=60))} for n in own],
        author_kind="user", author_name="Bench", created_at=now,
    )  # fmt: skip


def _place() -> Place:
    from sqlalchemy import select

    from webapp.tickets.queries import ordering

    user = find_user_by_email("a@example.org")
    assert user is not None
    wanted = queries.conditions(user, Filters())
    order = ordering.of("newest")
    query = select(Ticket).where(*wanted).order_by(*order.by).offset(PAGES_DEEP * 50).limit(1)
    last = db.session().scalar(query) or db.session().scalars(query.offset(0)).one()
    at = last.created_at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return Place(
        category=CATEGORIES[3],
        after=order.position(last),
        deep={"id": str(last.id), "at": at},
        thread="T-2026-000003",
        refs=[f"T-2026-{n:06d}" for n in range(10, 4000) if n % 5],
    )


def measure(
    running: desk.Processes, place: Place, requests: int, at_once: int
) -> dict[str, object]:
    web = desk.start_web(running)
    port = desk.free_port()
    floor = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "bench.pages_floor:create_app()")
    running.start("floor", *floor, "-b", f"127.0.0.1:{port}")
    desk.wait_for_port(port)
    ours, csrf = signed_in(f"http://127.0.0.1:{web}")
    bare = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
    found: dict[str, object] = {}
    for name, (of_desk, of_floor) in asked(ours, bare, csrf, place).items():
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
        "create": (create, lambda: bare.post("/create", data={"title": "x", "description": text})),
        "reply": (
            reply,
            lambda: bare.post("/reply", params={"ref": next(refs)}, data={"body": text}),
        ),
    }


def signed_in(base: str) -> tuple[httpx.Client, str]:
    client = httpx.Client(base_url=base, timeout=120)
    page = client.get("/login").text
    form = {"email": "a@example.org", "password": PASSWORD, "csrf_token": _csrf(page)}
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
        assert answer.status_code in (200, 302, 303), (
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
