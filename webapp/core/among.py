"""Whether a column holds one of many values, as one parameter. For the hundreds that a page of a pull asks for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import ARRAY

from webapp.core.db import session, to_json_text


def among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """As `column.in_(values)`, of which SQLAlchemy writes out every value each time: for hundreds, that takes longer
    than the query. Texts and whole numbers only."""
    if session().get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    each = func.json_each(to_json_text(list(values))).table_valued("value")
    return column.in_(select(each.c.value))
