"""Rows as JSON and back, the same for SQLite and PostgreSQL: what one wrote the other reads."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from pydantic_core import from_json, to_json
from sqlalchemy import Column, Connection, Date, LargeBinary, Numeric, Table, inspect, select

from webapp.core import loading
from webapp.core.columns import Money, UTCDateTime
from webapp.core.db import Base
from webapp.core.errors import Conflict
from webapp.tickets import indexing

PIECE = 1000
_NOT_OURS = {"alembic_version"}


def all_tables(connection: Connection) -> list[Table]:
    """Those that others refer to first. Raises Conflict where the database has one that is not known here."""
    loading.bring_models()
    known = Base.metadata.tables
    found = {name for name in inspect(connection).get_table_names() if not indexing.is_ours(name)}
    if strange := found - set(known) - _NOT_OURS:
        names = ", ".join(sorted(strange))
        raise Conflict(
            gettext("These tables are not known to this release: %(names)s", names=names)
        )
    return [table for table in Base.metadata.sorted_tables if table.name in found]


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The columns' names, then the rows."""
    columns = list(table.columns)
    yield to_json([column.name for column in columns]) + b"\n"
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": PIECE}):
        yield to_json([_plain(value) for value in row]) + b"\n"


def rows_of(lines: Iterable[bytes], table: Table) -> Iterator[dict[str, Any]]:
    """As `lines_of` wrote them. A column that this release no longer has is left as JSON has it."""
    read = iter(lines)
    names: list[str] = from_json(next(read))
    back = [_reader(table.columns.get(name)) for name in names]
    for line in read:
        values = from_json(line)
        yield {
            name: None if value is None else read_back(value)
            for name, value, read_back in zip(names, values, back, strict=True)
        }


def own_references(table: Table) -> Sequence[str]:
    """Columns that name another row of the same table."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _reader(column: Column[Any] | None) -> Callable[[Any], Any]:
    kind = None if column is None else column.type
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    if isinstance(kind, Money | Numeric):
        return Decimal
    return lambda value: value
