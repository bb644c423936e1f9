"""Statements that pages ask again and again, put to the driver itself: rows without SQLAlchemy's work on each run.

A `Plain` is made once of a SELECT, or of a DELETE that tells what it took. Its first run is SQLAlchemy's (many a search
is made once and never again); from the second on its text, the form of its parameters and that of its columns are
known, which is half of what a small statement costs. What it takes: parameters that it names (`bindparam`); a list as
one of them (`core/among.py`). It begins a transaction where none is, and whoever listens to statements hears of it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import ReturningDelete
from sqlalchemy.types import TypeEngine

from webapp.core import db
from webapp.core.driver import ask

Process = Callable[[Any], Any] | None
Statement = (
    Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | ReturningDelete[*tuple[Any, ...]]
)
_NOTHING: Mapping[str, Any] = {}


class Plain:
    """`all`: rows as named tuples, as SQLAlchemy's own are."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._ways: dict[str, _Way | None] = {}  # by the kind of database; None: SQLAlchemy's own
        self._types: dict[str, list[Any]] = {}  # of the columns, as the first run told them

    def all(self, values: Mapping[str, Any] = _NOTHING) -> Sequence[Any]:
        connection = db.session().connection()
        kind = connection.dialect.name
        if kind not in self._ways and kind in self._types:
            self._ways[kind] = _way_of(self._statement, connection.dialect, self._types[kind])
        way = self._ways.get(kind)
        if way is not None:
            return way.rows(ask(connection, way.text, way.given(values)))
        result = connection.execute(self._statement, values)
        self._types[kind] = [each[1] for each in result.cursor.description]
        return result.all()

    def first(self, values: Mapping[str, Any] = _NOTHING) -> Any | None:
        """For those that find one row at most."""
        rows = self.all(values)
        return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class _Way:
    """How a statement is said to one kind of database. `same`: its own values, as the database takes them."""

    text: str
    same: Mapping[str, Any]
    asked: tuple[tuple[str, Process], ...]
    order: tuple[str, ...] | None  # of the values, where they have no names
    row: Callable[[Sequence[Any]], Any]
    processed: tuple[tuple[int, Callable[[Any], Any]], ...]

    def given(self, values: Mapping[str, Any]) -> Any:
        every = {**self.same}
        for name, process in self.asked:
            every[name] = _worded(process, values[name])
        return every if self.order is None else [every[name] for name in self.order]

    def rows(self, found: list[tuple[Any, ...]]) -> list[Any]:
        if not self.processed:
            return list(map(self.row, found))
        rows = []
        for each in found:
            row = list(each)
            for at, process in self.processed:
                row[at] = process(row[at])
            rows.append(self.row(row))
        return rows


def _way_of(statement: Statement, dialect: Dialect, types: Sequence[Any]) -> _Way | None:
    """None where SQLAlchemy words a part of it anew at each run: the values of an IN."""
    compiled: Any = statement.compile(dialect=dialect)
    binds = compiled.binds.items()
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    columns: list[Any] = list(statement.exported_columns)
    reads = [
        each.type.dialect_impl(dialect).result_processor(dialect, type_)
        for each, type_ in zip(columns, types, strict=True)
    ]
    same = {
        name: _worded(_writes(bind.type, dialect), bind.effective_value)
        for name, bind in binds
        if not bind.required
    }
    return _Way(
        str(compiled),
        same,
        tuple((name, _writes(bind.type, dialect)) for name, bind in binds if bind.required),
        tuple(compiled.positiontup) if compiled.positional else None,
        _row_of([str(each.key) for each in columns]),
        tuple((at, read) for at, read in enumerate(reads) if read is not None),
    )


def _row_of(names: list[str]) -> Callable[[Sequence[Any]], Any]:
    kind: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    make: Callable[[Sequence[Any]], Any] = kind._make
    return make


def _worded(process: Process, value: Any) -> Any:
    return value if process is None else process(value)


def _writes(type_: TypeEngine[Any], dialect: Dialect) -> Process:
    return type_.dialect_impl(dialect).bind_processor(dialect)
