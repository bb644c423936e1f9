"""A file of many tickets is read, checked, taken in and taken back: seconds, and how much the process grew.

python -m bench.imports --rows 200000 [--form xlsx] [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.embedded import own_redis
from bench.export import own_app, watched
from webapp.accounts import actions as accounts
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.imports import actions, queries, rows, tasks
from webapp.imports.files import sheets, texts

HEADINGS = ("Control No", "Subject", "Details", "Status", "Type", "Brgy", "Date Reported", "Name", "Email", "Phone",
            "Priority", "Address")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--form", choices=("csv", "xlsx"), default="xlsx")
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite without it")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        own_redis(folder) as redis_url,
        own_app(folder, chosen.database, redis_url) as app,
        app.app_context(),
    ):
        path = Path(folder, f"many.{chosen.form}")
        (_write_csv if chosen.form == "csv" else _write_xlsx)(path, chosen.rows)
        print(f"{path.name}: {chosen.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        measure(path)


def measure(path: Path) -> None:
    with db.transaction():
        user = accounts.create_user(
            "a@example.org", name="Amihan", role="admin", password="a long password", actor=SYSTEM
        )
    kind = sheets.kind_of(path) or texts.kind_of(path)
    with db.transaction():
        import_id = actions.begin(path.name, kind, user=user).id
        path.replace(rows.raw_file(import_id))
    _step("read", import_id, lambda: None)
    _step("check", import_id, lambda: _match(import_id))
    _step("import", import_id, lambda: actions.start(queries.get(import_id), actor=user.actor))
    _step("undo", import_id, lambda: actions.undo(queries.get(import_id), actor=user.actor))


def _step(name: str, import_id: int, begin: Any) -> None:
    with watched() as seen:
        with db.transaction():
            begin()
        before = ""
        while (state := _state(import_id)) != before:
            before = state if state in ("matching", "preview", "done", "undone") else ""
            if not before:
                tasks.go_on(import_id)
    it = queries.get(import_id)
    print(f"{name:7} {seen.seconds:6.1f} s ({seen.cpu:.1f} s CPU), memory grew by {seen.grew / 1e6:.0f} MB at most; "
          f"{it.state} {it.counts or it.total}")  # fmt: skip


def _state(import_id: int) -> str:
    db.session().expire_all()
    db.session().rollback()
    return queries.get(import_id).state


def _match(import_id: int) -> None:
    it = queries.get(import_id)
    assert actions.match(it, mapping=it.mapping, words={}, options={})


def _rows(count: int) -> Iterator[tuple[str, ...]]:
    for n in range(1, count + 1):
        yield (
            f"NAGA-{n}", f"Broken street light number {n}", f"The lamp in front of house {n} has been dark. " * 3,
            "Ongoing" if n % 3 else "Open", "Street lights", "Tinago", f"2026-0{n % 9 + 1}-1{n % 9} 08:{n % 60:02}",
            "Rosa Dimaculangan", "rosa@example.org", "+63 912 345 6789", "High" if n % 5 else "Low", f"House {n}",
        )  # fmt: skip


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerow(HEADINGS)
        csv.writer(file).writerows(_rows(count))


def _write_xlsx(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for n, row in enumerate(_rows(count), start=1):
            sheet.write_row(n, 0, row)


if __name__ == "__main__":
    main()
