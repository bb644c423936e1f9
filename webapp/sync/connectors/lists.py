"""Where the records of an answer are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from webapp.sync.connectors.paths import ABSENT, read


def items_of(value: Any, paths: tuple[str, ...], *, form: str) -> list[Any] | None:
    """The records at the first path that leads to a list; None when none does: never an empty guess."""
    for path in paths:
        found = _xml_list(value, path) if form == "xml" else read(value, path)
        if isinstance(found, list):
            return found
    return None


def item_of(value: Any, paths: tuple[str, ...], *, form: str) -> dict[str, Any] | None:
    """The one record at the first path that leads to an object, or to a list of one."""
    for path in paths:
        found = _xml_list(value, path) if form == "xml" else read(value, path)
        if isinstance(found, list):
            if not found:
                return None
            found = found[0] if len(found) == 1 else None
        if isinstance(found, dict):
            return found
    return None


def inner(records: Iterable[Any], path: str) -> Iterator[Any]:
    """The records themselves; with a path, those that stand there in each of them."""
    for record in records:
        if not path:
            yield record
            continue
        found = read(record, path)
        yield from found if isinstance(found, list) else ()


def _xml_list(value: Any, path: str) -> Any:
    """XML cannot tell one record from a list of one, nor an empty list from an empty text."""
    parent_path, _dot, name = path.rpartition(".")
    parent = read(value, parent_path)
    if parent is None:
        return []
    if not isinstance(parent, dict):
        return ABSENT
    found = parent.get(name)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
