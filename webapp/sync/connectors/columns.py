"""One field of all records of a page at once, where each of its values is as most are. Pure.

A column is what `Field.read` gives for each record, in their order; None where one of them wants a closer look, and
then each is read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from sys import maxsize
from typing import Any, NoReturn
from unicodedata import is_normalized

from webapp.sync.connectors.declaration import FieldRule
from webapp.sync.connectors.declaration.fields import TransformUse
from webapp.sync.connectors.paths import ABSENT, compile_path
from webapp.sync.connectors.transforms.registry import Transform

Records = Sequence[dict[str, Any]]
Column = Callable[[Records], list[Any] | None]
Values = Callable[[list[Any]], list[Any] | None]

_SIXTH = Decimal("0.000001")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def values_at(path: str) -> Callable[[Records], list[Any]]:
    """What stands at `path` in each record."""
    steps, reader = path.split("."), compile_path(path)
    if not path or "[]" in path or len(steps) > 2:
        return lambda records: list(map(reader, records))
    if len(steps) == 1:
        return lambda records: [record.get(path, ABSENT) for record in records]
    first, second = steps
    return lambda records: [
        inner.get(second, ABSENT) if (inner := each.get(first)).__class__ is dict else reader(each)
        for each in records
    ]


def column_of(
    rule: FieldRule, uses: Sequence[TransformUse], transforms: Sequence[Transform], limit: int
) -> Column:
    """Of what the rule says where its first path holds something in each record."""
    if rule.join is not None:
        return lambda records: None
    found, transformed = values_at(rule.from_[0]), _transformed(rule, uses, transforms)

    def read(records: Records) -> list[Any] | None:
        made = transformed(found(records))
        if made is not None and limit != maxsize:
            return (
                None if any(each.__class__ is str and len(each) > limit for each in made) else made
            )
        return made

    return read


def _transformed(
    rule: FieldRule, uses: Sequence[TransformUse], transforms: Sequence[Transform]
) -> Values:
    named, args = (uses[0].name, uses[0].args) if len(uses) == 1 else ("", {})
    if named == "text":
        return texts
    if named == "url":
        return _addresses
    if named == "datetime" and args.get("format") is None:
        return _moments
    if named == "coordinate":
        return _degrees(args.get("limit", 180))
    return _one_by_one(transforms, lists=len(rule.from_) == 1)


def texts(values: list[Any]) -> list[Any] | None:
    """Each of one line and clean, but for blanks around it."""
    try:
        together = "|".join(values)
    except TypeError:  # one that is no text
        return None
    if not together.isprintable():
        return None
    if not together.isascii() and not is_normalized("NFC", together):
        return None
    found = list(map(str.strip, values))
    return found if all(found) else None


def _addresses(values: list[Any]) -> list[Any] | None:
    found = texts(values)
    return found if found is not None and all(map(_WEB.match, found)) else None


def _moments(values: list[Any]) -> list[Any] | None:
    try:
        if not all(map(_in_utc, values)):
            return None
        return list(map(datetime.fromisoformat, values))
    except ValueError:
        return None


def _in_utc(value: Any) -> bool:
    return value.__class__ is str and value[-1:] == "Z"


def _degrees(limit: float) -> Values:
    def read(values: list[Any]) -> list[Any] | None:
        if set(map(type, values)) != {float} or not isfinite(sum(values)):
            return None
        if not -limit <= min(values) <= max(values) <= limit:
            return None
        return [Decimal(repr(value)).quantize(_SIXTH) for value in values]

    return read


def _one_by_one(transforms: Sequence[Transform], *, lists: bool) -> Values:
    """`lists`: an empty one is a value as well, as there is no second path to look at."""

    def read(values: list[Any]) -> list[Any] | None:
        found = []
        try:
            for value in values:
                if value is None or value is ABSENT or (value == [] and not lists):
                    return None
                if value.__class__ is str and (not value or value.isspace()):
                    return None
                made = value
                for transform in transforms:
                    made = transform(made, _refuse)
                    if made is None:
                        return None
                found.append(made)
        except (ValueError, TypeError, AttributeError):
            return None
        return found

    return read


def _refuse(_warning: str) -> NoReturn:
    raise ValueError
