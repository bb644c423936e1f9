"""Lists of objects: what a claim's items are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from webapp.sync.connectors.paths import ABSENT, compile_path
from webapp.sync.connectors.transforms.numbers import exact

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]


def rows(*, zone: ZoneInfo, fields: Mapping[str, str]) -> Transform:
    """Each object as one of ours. `fields`: our name → path in theirs; numbers are kept exactly, what is absent
    is left out."""
    readers = {name: compile_path(path) for name, path in fields.items()}

    def one(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("a list of objects was expected")
        found = {name: reader(value) for name, reader in readers.items()}
        return {
            name: exact(each) if isinstance(each, float) else each
            for name, each in found.items()
            if each is not ABSENT and each is not None
        }

    def apply(value: Any, warn: Warn) -> Any:
        if not isinstance(value, list):
            raise ValueError("a list of objects was expected")
        return [one(each) for each in value]

    return apply


def sum_of(*, zone: ZoneInfo, path: str) -> Transform:
    """The exact sum of a number that each object holds."""
    reader = compile_path(path)

    def apply(value: Any, warn: Warn) -> Any:
        if not isinstance(value, list):
            raise ValueError("a list of objects was expected")
        found = [reader(each) for each in value if isinstance(each, dict)]
        return sum((exact(each) or Decimal(0) for each in found if each is not ABSENT), Decimal(0))

    return apply
