"""Many new rows of one table at once, without an object for each. For the few places where thousands come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Connection, Table, select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from webapp.core.copying import copy_text
from webapp.core.db import Base, Keyed, session, to_json_text
from webapp.core.driver import ask

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_NEXT = (
    "SELECT 1 + max(coalesce((SELECT max(id) FROM {table}), 0),"
    " coalesce((SELECT last FROM key_mark WHERE name = '{name}'), 0))"
)
_RETURNING = " RETURNING id"
COPIED_FROM = 20  # rows; PostgreSQL takes fewer faster by INSERT

Processor = Callable[[Any], Any]


class WrittenJson(str):
    """JSON that is written already: a JSON column takes it as it is."""

    __slots__ = ()


def insert_rows(model: type[Keyed], rows: Sequence[Mapping[str, Any]], **same: Any) -> None:
    """`rows`: the same columns in each. `same`: columns that hold one value in all of them; a column left out gets
    the model's plain default.

    Raises sqlalchemy.exc.DBAPIError (IntegrityError and the like) as an INSERT does; nothing of it is kept then
    only if the caller works in a savepoint.
    """
    if not rows:
        return
    current = session()
    current.flush()
    connection = current.connection()
    way = _way(model.__table__, connection.dialect, tuple(rows[0]), tuple(same))  # type: ignore[attr-defined]
    columns, constant = way.columns(rows), way.constant(same)
    text = None
    if connection.dialect.driver == "psycopg" and len(rows) >= COPIED_FROM:
        text = copy_text(columns, constant)
    if text is not None:
        _copy(connection, way, text)
    else:
        values = zip(*columns, *map(repeat, constant), strict=False)  # for ever the same
        connection.exec_driver_sql(way.insert, list(values))


def insert_one(model: type[Keyed], row: Mapping[str, Any], **same: Any) -> int:
    """One row, as `insert_rows`; the key that it got: one that no row ever had (`db.reserve_ids`), in one statement."""
    current = session()
    current.flush()
    connection = current.connection()
    way = _way(model.__table__, connection.dialect, tuple(row), tuple(same))  # type: ignore[attr-defined]
    values = [column[0] for column in way.columns([row])]
    [(key,)] = ask(connection, way.insert_one, (*values, *way.constant(same)))
    return int(key)


def insert_unless(model: type[Base], row: Mapping[str, Any], taken: str) -> int | None:
    """As `insert_one`. None where another row holds the same in the unique column `taken`, perhaps since a moment: who
    writes the same key in another transaction is waited for."""
    current = session()
    current.flush()
    connection = current.connection()
    table = model.__table__
    way = _way(table, connection.dialect, tuple(row), ())
    if connection.dialect.name == "sqlite":
        # It would run what a trigger does before an INSERT, and then not insert. It has one writer at a time: this one.
        column = table.c[taken]
        if connection.scalar(select(column).where(column == row[taken])) is not None:
            return None
        statement = way.insert_one
    else:
        nothing = f" ON CONFLICT ({taken}) DO NOTHING{_RETURNING}"
        statement = way.insert_one.replace(_RETURNING, nothing)
    values = [column[0] for column in way.columns([row])]
    found = ask(connection, statement, (*values, *way.constant({})))
    return int(found[0][0]) if found else None


def insert_new(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Those of `rows` (the same columns in each) that no unique key keeps out: whoever wrote the same first, wins."""
    if rows:
        session().execute(insert_into(model).values(rows).on_conflict_do_nothing())


def insert_into(model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what is to happen on a conflict."""
    if session().get_bind().dialect.name == "postgresql":  # only the database's own is loaded
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(model)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(model)


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows with certain columns get into one table of one kind of database."""

    insert: str
    insert_one: str
    copy: str
    given: tuple[tuple[str, Processor | None], ...]
    constants: tuple[tuple[str, Any, Processor | None], ...]  # what is the same in all rows

    def columns(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """The rows' own values, as the database takes them."""
        return [
            [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
            for name, process in self.given
        ]

    def constant(self, same: Mapping[str, Any]) -> list[Any]:
        return [
            process(same.get(name, default)) if process else same.get(name, default)
            for name, default, process in self.constants
        ]


@lru_cache(maxsize=64)
def _way(table: Table, dialect: Dialect, given: tuple[str, ...], same: tuple[str, ...]) -> _Way:
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in (*given, *same)
        and isinstance(column.default, ScalarElementColumnDefault)
    }
    names = (*given, *same, *defaults)
    processors = [_processor(table.c[name].type, dialect) for name in names]
    quoted = dialect.identifier_preparer
    columns = ", ".join(quoted.quote(name) for name in names)
    into = f"{quoted.format_table(table)} ({columns})"
    marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(names))
    return _Way(
        insert=f"INSERT INTO {into} VALUES ({marks})",  # noqa: S608 (names of our own models)
        insert_one=_insert_one(table, names, columns, marks, dialect),
        copy=f"COPY {into} FROM STDIN",
        given=tuple(zip(given, processors, strict=False)),
        constants=tuple(
            (name, defaults.get(name), process)
            for name, process in zip(names, processors, strict=True)
            if name not in given
        ),
    )


def _insert_one(
    table: Table, names: tuple[str, ...], columns: str, marks: str, dialect: Dialect
) -> str:
    """PostgreSQL counts by itself; SQLite forgets the keys of deleted rows."""
    into = dialect.identifier_preparer.format_table(table)
    if dialect.name == "sqlite" and "id" not in names:
        columns, marks = f"id, {columns}", f"({_NEXT.format(table=into, name=table.name)}), {marks}"
    return f"INSERT INTO {into} ({columns}) VALUES ({marks}){_RETURNING}"  # noqa: S608 (as above)


def _processor(type_: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return _json if isinstance(type_, JSON) else type_.dialect_impl(dialect).bind_processor(dialect)


def _json(value: Any) -> str:
    return value if value.__class__ is WrittenJson else to_json_text(value)


def _copy(connection: Connection, way: _Way, text: str) -> None:
    dialect = connection.dialect
    errors = dialect.loaded_dbapi.Error
    try:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(way.copy) as copy:
            copy.write(text)
    except errors as error:  # as SQLAlchemy tells of a failed statement, and without its values
        raise DBAPIError.instance(
            way.copy, None, error, errors, hide_parameters=True, dialect=dialect
        ) from None
