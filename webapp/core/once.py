"""Forms that are sent twice write once: each carries a key that its page made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import db

Row = TypeVar("Row", bound=db.Base)  # with a unique column submission_key


def once(kind: type[Row], key: str | None, *, make: Callable[[], Row]) -> tuple[Row, bool]:
    """The row that `key` already made, or a new one flushed to the database; and whether it is new.

    Two transactions may carry one key at the same moment: the unique index lets one through, and
    the other finds the first one's row.
    """
    if key is None:
        return _added(make()), True
    found = _made_by(kind, key)
    if found is not None:
        return found, False
    try:
        with db.session().begin_nested():
            return _added(make()), True
    except IntegrityError:
        found = _made_by(kind, key)
        if found is None:
            raise
        return found, False


def _made_by(kind: type[Row], key: str) -> Row | None:
    column: Any = kind.submission_key  # type: ignore[attr-defined]
    return db.session().scalar(select(kind).where(column == key))


def _added(row: Row) -> Row:
    db.session().add(row)
    db.session().flush()
    return row
