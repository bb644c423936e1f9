"""How many SELECTs something takes: list pages must not ask once a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from webapp.core import db


@contextmanager
def selects() -> Iterator[list[str]]:
    """The SELECTs of the block, as they happen."""
    with statements("SELECT") as asked:
        yield asked


@contextmanager
def statements(beginning: str = "") -> Iterator[list[str]]:
    """All statements of the block that begin so."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(beginning):
            asked.append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)
