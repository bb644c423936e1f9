"""A file's rows as they stand on disk between its reading and its import: one JSON line each, so that work can go on
in the midst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flask_babel import gettext
from pydantic_core import from_json, to_json

from webapp.core import storage
from webapp.core.errors import NotFound
from webapp.imports.files import Row, Rows


def raw_file(import_id: int) -> Path:
    """What was uploaded."""
    return storage.passing(f"import-{import_id}.file")


def rows_file(import_id: int) -> Path:
    return storage.passing(f"import-{import_id}.rows")


def write(file: IO[bytes], row: Row) -> None:
    file.write(to_json(row) + b"\n")


def some(import_id: int, *, place: int, most: int) -> tuple[list[Row], int]:
    """At most so many rows from `place` on, and where the next one stands."""
    found: list[Row] = []
    with _opened(import_id) as file:
        file.seek(place)
        while len(found) < most and (line := file.readline()):
            number, cells = from_json(line)
            found.append((number, cells))
        return found, file.tell()


def every(import_id: int) -> Rows:
    return _lines(_opened(import_id))


def _lines(opened: IO[bytes]) -> Iterator[Row]:
    with opened as file:
        for line in file:
            number, cells = from_json(line)
            yield number, cells


def _opened(import_id: int) -> IO[bytes]:
    try:
        return rows_file(import_id).open("rb")
    except FileNotFoundError:
        raise NotFound(gettext("The file was kept for a week. Bring it again.")) from None
