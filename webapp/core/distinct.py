"""What a column holds, without reading every row."""

from __future__ import annotations

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import InstrumentedAttribute


def values_of(column: InstrumentedAttribute[str]) -> Subquery:
    """The column's values by jumps along its index: each costs one look-up, however many rows."""
    jump = select(func.min(column).label("value")).where(column > "").cte(recursive=True)
    following = select(func.min(column)).where(column > jump.c.value).scalar_subquery()
    jump = jump.union_all(select(following).where(jump.c.value.is_not(None)))
    return select(jump.c.value).where(jump.c.value.is_not(None)).subquery()
