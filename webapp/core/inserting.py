"""Many new rows of one table at once, without an object for each. For the few places where thousands come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from webapp.core.db import Keyed, session

COPIED_FROM = 20  # rows; PostgreSQL takes fewer faster by INSERT

Processor = Callable[[Any], Any]


def insert_rows(model: type[Keyed], rows: Sequence[Mapping[str, Any]]) -> None:
    """`rows`: the same columns in each; a column left out gets the model's plain default.

    Raises sqlalchemy.exc.DBAPIError (IntegrityError and the like) as an INSERT does; nothing of it is kept then
    only if the caller works in a savepoint.
    """
    if not rows:
        return
    current = session()
    current.flush()
    connection = current.connection()
    way = _way(model.__table__, connection.dialect, tuple(rows[0]))  # type: ignore[attr-defined]
    values = [way.values(row) for row in rows]
    if connection.dialect.driver == "psycopg" and len(values) >= COPIED_FROM:
        _copy(connection, way, values)
    else:
        connection.exec_driver_sql(way.insert, values)


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows with certain columns get into one table of one kind of database."""

    insert: str
    copy: str
    given: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    processors: tuple[tuple[int, Processor], ...]
    defaults: tuple[Any, ...]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        found = [*self.given(row), *self.defaults]
        for place, process in self.processors:
            found[place] = process(found[place])
        return tuple(found)


@lru_cache(maxsize=64)
def _way(table: Table, dialect: Dialect, given: tuple[str, ...]) -> _Way:
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in given and isinstance(column.default, ScalarElementColumnDefault)
    }
    names = (*given, *defaults)
    processors = tuple(
        (place, process)
        for place, name in enumerate(names)
        if (process := table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
    )
    quoted = dialect.identifier_preparer
    columns = ", ".join(quoted.quote(name) for name in names)
    into = f"{quoted.format_table(table)} ({columns})"
    marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(names))
    return _Way(
        insert=f"INSERT INTO {into} VALUES ({marks})",  # noqa: S608 (names of our own models)
        copy=f"COPY {into} FROM STDIN",
        given=itemgetter(*given),
        processors=processors,
        defaults=tuple(defaults.values()),
    )


def _copy(connection: Connection, way: _Way, values: Sequence[tuple[Any, ...]]) -> None:
    dialect = connection.dialect
    errors = dialect.loaded_dbapi.Error
    try:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(way.copy) as copy:
            for row in values:
                copy.write_row(row)
    except errors as error:  # as SQLAlchemy tells of a failed statement, and without its values
        raise DBAPIError.instance(
            way.copy, None, error, errors, hide_parameters=True, dialect=dialect
        ) from None
