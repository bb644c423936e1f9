"""Reading a value at a dotted path of a raw record. Absent and null are different things. Pure.

`a.b` steps into objects, `a.0` into a list, `a[].b` collects from all of a list; where an object
stands in a list's place it counts as a list of one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent()
Reader = Callable[[Any], Any]


def read(record: Any, path: str) -> Any:
    """The value at `path`, None where it is null, ABSENT where there is none."""
    return compile_path(path)(record)


@lru_cache(maxsize=1024)
def compile_path(path: str) -> Reader:
    """A function that reads this path. The empty path is the record itself."""
    steps = tuple(path.split(".")) if path else ()
    if any(not step.removesuffix("[]") for step in steps):
        raise ValueError(f"the path {path!r} has an empty step")
    if len(steps) == 1 and not steps[0].endswith("[]"):
        return _one_key(steps[0])
    if len(steps) == 2 and not any(step.endswith("[]") for step in steps):
        return _two_keys(*steps)
    return lambda record: _walk(record, steps)


def _one_key(key: str) -> Reader:
    def reader(record: Any) -> Any:
        if type(record) is dict:
            return record.get(key, ABSENT)
        return _walk(record, (key,))

    return reader


def _two_keys(first: str, second: str) -> Reader:
    def reader(record: Any) -> Any:
        inner = record.get(first) if type(record) is dict else None
        if type(inner) is dict:
            return inner.get(second, ABSENT)
        return _walk(record, (first, second))

    return reader


def _walk(value: Any, steps: tuple[str, ...]) -> Any:
    for position, step in enumerate(steps):
        if value is None or value is ABSENT:
            return value
        if step.endswith("[]"):
            value = _step(value, step[:-2])
            return _collect(value, steps[position + 1 :])
        value = _step(value, step)
    return value


def _step(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, ABSENT)
    if isinstance(value, list) and key.isdecimal():
        return value[int(key)] if int(key) < len(value) else ABSENT
    return ABSENT


def _collect(value: Any, rest: tuple[str, ...]) -> Any:
    if value is None or value is ABSENT:
        return value
    members = value if isinstance(value, list) else [value]
    found = (_walk(member, rest) for member in members)
    return [each for each in found if each is not ABSENT and each is not None]
