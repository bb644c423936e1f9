"""A list of many tickets leaves as CSV and as XLSX: seconds, size, and how much the process grew.

python -m bench.export --rows 1000000 [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
from flask import Flask
from flask_migrate import upgrade

from bench import desk
from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.core import clock, db
from webapp.core.export import csv_pieces, write_xlsx
from webapp.core.inserting import insert_rows
from webapp.core.settings import load
from webapp.events.types import SYSTEM
from webapp.tickets import queries
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ALL, Filters

PIECE = 5000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite without it")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        own_app(folder, chosen.database) as app,
        app.app_context(),
    ):
        measure(Path(folder), chosen.rows)


@contextmanager
def own_app(folder: str, server: str, redis_url: str = "redis://127.0.0.1:1/0") -> Iterator[Flask]:
    """A desk of its own on an empty database; it answers no requests."""
    with desk.own_database(folder, server) as database:
        environ = desk.environ(folder, database=database, redis_url=redis_url)
        app = create_app(load({**os.environ, **environ}), pages=False)
        with app.app_context():
            from webapp.core import migrating

            migrating.init_app(app)
            upgrade(directory=str(desk.ROOT / "migrations"))
        yield app


def measure(folder: Path, rows: int) -> None:
    with db.transaction():
        user = accounts.create_user(
            "a@example.org", name="Amihan", role="admin", password="a long password", actor=SYSTEM
        )
    fill(rows)
    everything = Filters(status=ALL)

    def as_csv() -> Path:
        path = folder / "out.csv"
        with path.open("w") as file:
            table = queries.all_rows(user, everything, zone=str(user.zone))
            for piece in csv_pieces(queries.HEADINGS, table, zone=user.zone):
                file.write(piece)
        return path

    def as_xlsx() -> Path:
        path = folder / "out.xlsx"
        table = queries.all_rows(user, everything, zone=str(user.zone))
        count = write_xlsx(path, "Tickets", queries.HEADINGS, table, zone=user.zone)
        assert count == rows
        return path

    for write in (as_csv, as_xlsx):
        with watched() as seen:
            size = write().stat().st_size
        print(f"{write.__name__[3:]:5} {rows:>9,} rows: {seen.seconds:6.1f} s ({seen.cpu:.1f} s CPU), "
              f"{size / 1e6:,.0f} MB, memory grew by {seen.grew / 1e6:.0f} MB at most")  # fmt: skip


def fill(rows: int) -> None:
    """Tickets with words of a usual length, written past the actions: nothing follows from them."""
    now = clock.now()
    for start in range(0, rows, PIECE):
        with db.transaction():
            ids = range(start + 1, min(start + PIECE, rows) + 1)
            insert_rows(
                Ticket,
                [
                    {
                        "id": n,
                        "ref": f"T-2026-{n:07d}",
                        "title": f"Broken street light number {n} at the corner of Peñafrancia Avenue",
                        "description": f"The lamp in front of house {n} has been dark for a week. "
                        * 4,
                        "follow_token": f"token-{n:030d}",
                        "control_number": f"NAGA-{n}",
                        "reported_at": now - timedelta(minutes=n),
                        "created_at": now - timedelta(seconds=n // 7),
                    }
                    for n in ids
                ],
                status="open",
                category="Street lights",
                barangay="Tinago",
                reporter_name="Rosa Dimaculangan",
                reporter_email="rosa@example.org",
                updated_at=now,
            )


@contextmanager
def watched() -> Iterator[SimpleNamespace]:
    """Seconds, CPU seconds, and how much this process and its children grew at most, looked at each 20 ms."""
    process, seen = psutil.Process(), SimpleNamespace(seconds=0.0, cpu=0.0, grew=0)
    before, over = _size(process), threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            seen.grew = max(seen.grew, _size(process) - before)

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    start, cpu = time.perf_counter(), time.process_time()
    yield seen
    seen.seconds, seen.cpu = time.perf_counter() - start, time.process_time() - cpu
    over.set()
    looker.join()


def _size(process: psutil.Process) -> int:
    family = [process, *process.children(recursive=True)]
    total = 0
    for each in family:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    main()
