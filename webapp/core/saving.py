"""A session's changes of one row, written in one statement: most of what people do changes one, and the session's plan
of work for it takes longer than the statement. All else the session does itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Table, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql import ClauseElement

from webapp.core.driver import ask

_VERSION = "version"


def flush(current: Session) -> None:
    """What was changed stands in the database, as by the session's own `flush`. Raises StaleDataError where somebody
    else changed a row with a version meanwhile."""
    row = _only_one(current)
    changed = _changes(row) if row is not None else None
    if changed:
        _write(current, row, changed)
    else:
        current.flush()


def _only_one(current: Session) -> Any | None:
    """A savepoint that is given up must know what was written in it: there the session writes itself."""
    if current.new or current.deleted or current.in_nested_transaction():
        return None
    dirty = list(current.dirty)
    return dirty[0] if len(dirty) == 1 else None


def _changes(row: Any) -> dict[str, Any] | None:
    """column → value. None where something else than plain columns was changed."""
    state = inspect(row)
    plain = _columns_of(row.__class__)
    if state.mapper.version_id_col is not None and _VERSION not in row.__dict__:
        return None  # it must be read first
    found = {}
    for name, before in state.committed_state.items():
        value = row.__dict__.get(name, state)
        if name not in plain or value is state or isinstance(value, ClauseElement):
            return None
        if type(before) is not type(value) or before != value:
            found[name] = value
    return found


@lru_cache(maxsize=256)
def _columns_of(kind: type[Any]) -> frozenset[str]:
    """Those that can be written as they are."""
    mapper = inspect(kind)
    columns = {each.key: each.columns[0] for each in mapper.column_attrs}
    if "id" not in columns or any(
        key != column.name or column.onupdate is not None or column.server_onupdate is not None
        for key, column in columns.items()
    ):
        return frozenset()
    kept = ("id", _VERSION)
    return frozenset(
        key
        for key, column in columns.items()
        if key not in kept and not isinstance(column.type, JSON)
    )


def _write(current: Session, row: Any, changed: dict[str, Any]) -> None:
    connection, state = current.connection(), inspect(row)
    versioned = state.mapper.version_id_col is not None
    where: list[Any] = list(state.identity)
    if versioned:
        where.append(row.version)
        changed = {**changed, _VERSION: row.version + 1}
    text, processors = _statement(
        type(row).__table__, connection.dialect, tuple(changed), versioned
    )
    values = [
        value if process is None else process(value)
        for value, process in zip(changed.values(), processors, strict=True)
    ]
    if not ask(connection, text, (*values, *where)):
        raise StaleDataError(f"A row of {type(row).__tablename__} was changed by somebody else.")
    row.__dict__.update(changed)
    state._commit_all(state.dict, current.identity_map)


@lru_cache(maxsize=512)
def _statement(
    table: Table, dialect: Dialect, names: tuple[str, ...], versioned: bool
) -> tuple[str, Sequence[Callable[[Any], Any] | None]]:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    into = dialect.identifier_preparer.format_table(table)
    values = ", ".join(f"{quote(name)} = {mark}" for name in names)
    where = f"id = {mark}" + (f" AND {_VERSION} = {mark}" if versioned else "")
    types = [table.c[name].type.dialect_impl(dialect) for name in names]
    return (
        f"UPDATE {into} SET {values} WHERE {where} RETURNING id",  # noqa: S608 - our own names
        [each.bind_processor(dialect) for each in types],
    )
