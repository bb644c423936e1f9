"""Whether a column holds one of many values, as one parameter. For the hundreds that a page of a pull asks for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, any_, bindparam, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import ARRAY, String

from webapp.core.db import session, to_json_text

Named = InstrumentedAttribute[Any] | Column[Any]


def among(column: Named, values: Collection[Any]) -> ColumnElement[bool]:
    """As `column.in_(values)`, of which SQLAlchemy writes out every value each time: for hundreds, that takes longer
    than the query. Texts and whole numbers only."""
    if session().get_bind().dialect.name == "postgresql":
        return column == any_(cast(literal(_array(values), String), ARRAY(column.type)))
    each = func.json_each(to_json_text(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def among_given(column: Named, name: str, dialect: str) -> ColumnElement[bool]:
    """The same for a statement that is made once: its parameter `name` is what `given` makes of the values."""
    if dialect == "postgresql":
        return column == any_(cast(bindparam(name, type_=String), ARRAY(column.type)))
    each = func.json_each(bindparam(name, type_=String)).table_valued("value")
    return column.in_(select(each.c.value))


def given(values: Collection[Any], dialect: str) -> str:
    return _array(values) if dialect == "postgresql" else to_json_text(list(values))


def _array(values: Collection[Any]) -> str:
    """As PostgreSQL writes an array: the driver looks at each value three times."""
    written = [str(value) for value in values]
    together = "".join(written)
    if "\\" in together or '"' in together:
        written = [text.replace("\\", "\\\\").replace('"', '\\"') for text in written]
    return '{"' + '","'.join(written) + '"}' if written else "{}"
