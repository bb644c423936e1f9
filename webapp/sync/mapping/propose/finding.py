"""Where things are in a sample: the list, the pages, the leaves of its records. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.sync.mapping.propose.names import words

MOST_RECORDS = 50
DEEPEST = 4
_USUAL_LISTS = (
    "data",
    "items",
    "results",
    "records",
    "result",
    "tickets",
    "reports",
    "requests",
    "value",
    "rows",
)
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?")
_SLASHED = re.compile(r"^\d{1,2}/\d{1,2}/\d{4}")


@dataclass(frozen=True)
class Leaf:
    """One path of the records and the values seen there (without nulls). `share`: of records that have it."""

    path: str
    values: tuple[Any, ...]
    share: float

    @property
    def name(self) -> str:
        """Its last name in words."""
        return words(self.path.replace("[]", "").rpartition(".")[2])

    @property
    def full_name(self) -> str:
        return words(self.path.removesuffix("[].name").replace("[]", ""))

    @property
    def texts(self) -> list[str]:
        return [each for each in self.values if isinstance(each, str) and each.strip()]


def find_list(value: Any) -> tuple[str, list[Any]] | None:
    """(path, records): the list of objects that is most likely what was asked for."""
    found = list(_lists(value, "", 0))
    if not found:
        return None
    return max(found, key=_likely)


def leaves(records: Sequence[Any]) -> list[Leaf]:
    """All paths of the records, in the order in which they stand there."""
    seen: dict[str, list[Any]] = {}
    rows = [each for each in records[:MOST_RECORDS] if isinstance(each, dict)]
    for record in rows:
        for path, value in _walk(record, "", 0):
            seen.setdefault(path, []).append(value)
    return [
        Leaf(path, tuple(v for v in values if v is not None), len(values) / max(len(rows), 1))
        for path, values in seen.items()
    ]


def looks_like_time(values: Iterable[Any]) -> bool:
    """Whether all of them are times: ISO texts, or seconds of this century."""
    some = list(values)
    return bool(some) and all(_is_time(each) for each in some)


def looks_like_degrees(values: Iterable[Any], *, limit: int) -> bool:
    some = [_number(each) for each in values]
    return bool(some) and all(each is not None and abs(each) <= limit for each in some)


def _is_time(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return 946_684_800 <= value <= 4_102_444_800
    if not isinstance(value, str) or not _ISO.match(value):
        return isinstance(value, str) and bool(_SLASHED.match(value))
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _lists(value: Any, here: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        if value and all(isinstance(each, dict) for each in value):
            yield here, value
        return
    if isinstance(value, dict) and depth < DEEPEST:
        for key, inner in value.items():
            if "." not in str(key):
                yield from _lists(inner, f"{here}.{key}" if here else str(key), depth + 1)


def _likely(found: tuple[str, list[Any]]) -> tuple[int, int, int]:
    """Much in each record, a usual name, many of them."""
    path, records = found
    usual = path == "" or path.rpartition(".")[2].lower() in _USUAL_LISTS
    fields = max(len(record) for record in records[:5])
    has_id = any("id" in words(key).split() for key in records[0])
    return (2 * usual + has_id, min(fields, 6), len(records))


def _walk(value: Any, here: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth <= DEEPEST:
        for key, inner in value.items():
            if "." not in str(key) and str(key):
                yield from _walk(inner, f"{here}.{key}" if here else str(key), depth + 1)
    elif isinstance(value, list):
        yield here, value
        if value and isinstance(value[0], Mapping) and depth < DEEPEST:
            for key in value[0]:
                if "." not in str(key):
                    yield (
                        f"{here}[].{key}",
                        [each.get(key) for each in value if isinstance(each, Mapping)],
                    )
    else:
        yield here, value
