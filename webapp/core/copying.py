"""Rows written as PostgreSQL's COPY reads them, a column at a time: the driver looks at each value of each row alone,
which took an eighth of a first pull's time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic_core import to_json

_NULL = "\\N"
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_WRITERS: dict[type, Callable[[Any], str]] = {
    int: str,
    bool: lambda value: "t" if value else "f",
    Decimal: str,
    date: date.isoformat,
}


def copy_text(columns: Sequence[Sequence[Any]], same: Sequence[Any]) -> str | None:
    """`columns`: of as many values each as there are rows. `same`: further ones, of one value in all rows.

    None where a value is of a type not known here.
    """
    try:
        written = [_written(column) for column in columns]
        if same:
            end = "\t".join(_written([value])[0] for value in same)
            written.append([end] * len(columns[0]))
    except KeyError:
        return None
    return "\n".join(map("\t".join, zip(*written, strict=True))) + "\n"


def _written(column: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, column))
    if type(None) in kinds:
        present = iter(_written([value for value in column if value is not None]))
        return [_NULL if value is None else next(present) for value in column]
    if all(issubclass(kind, str) for kind in kinds):
        together = "".join(column)
        for letter, escape in _ESCAPES:
            if letter in together:
                column = [value.replace(letter, escape) for value in column]
        return column
    if kinds == {datetime}:
        return to_json(column).decode()[2:-2].split('","')
    return [_WRITERS[value.__class__](value) for value in column]
