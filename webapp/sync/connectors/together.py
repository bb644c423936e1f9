"""A page of records mapped a field at a time: what is alike in all of them is looked at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from webapp.sync.connectors.paths import ABSENT
from webapp.sync.connectors.reading import Field, RecordProblem

T = TypeVar("T")


class Together:
    """What is found out of a page besides its values: by the record's place on it."""

    def __init__(self, raws: Sequence[dict[str, Any]]) -> None:
        self.wrong: set[int] = set()  # what is wrong is said where the record is mapped alone
        self.unmapped: dict[int, list[tuple[str, str]]] = {}
        self.warnings: dict[int, list[str]] = {}
        self.has_gaps = False  # a value is ABSENT
        self.ids: list[str] = []
        self._raws = raws
        self._known: dict[str, list[Any]] = {}

    def column(self, field: Field) -> list[Any]:
        values = self._values(field)
        if field.lookup is None:
            return values
        if set(map(type, values)) == {str}:
            found = list(map(field.lookup, values))
            if None not in found:
                return found
        return [self._ours(field, place, value) for place, value in enumerate(values)]

    def moments(self, field: Field | None) -> list[datetime | None]:
        if field is None:
            return [None] * len(self._raws)
        return [each if isinstance(each, datetime) else None for each in self._values(field)]

    def each(self, read: Callable[[dict[str, Any]], T], without: T) -> list[T]:
        """`without`: in the place of what cannot be read."""
        found = []
        for place, raw in enumerate(self._raws):
            try:
                found.append(read(raw))
            except RecordProblem:
                self.wrong.add(place)
                found.append(without)
        return found

    def _values(self, field: Field) -> list[Any]:
        known = self._known.get(field.alike)
        if known is None:
            made = field.column(self._raws)
            if made is None:
                return [self._value(field, place, raw) for place, raw in enumerate(self._raws)]
            known = self._known[field.alike] = made
        return known

    def _value(self, field: Field, place: int, raw: dict[str, Any]) -> Any:
        plain = field.as_it_is(raw)
        if plain is not None:
            return plain
        warnings: list[str] = []
        try:
            value = field.read(raw, self.ids[place], warnings)
        except RecordProblem:
            self.wrong.add(place)
            value = ABSENT
        if warnings:
            self.warnings.setdefault(place, []).extend(warnings)
        if value is ABSENT:
            self.has_gaps = True
        return value

    def _ours(self, field: Field, place: int, value: Any) -> Any:
        if value is None or value is ABSENT or field.lookup is None:
            return value
        theirs = str(value)
        ours = field.lookup(theirs)
        if ours is None:
            self.unmapped.setdefault(place, []).append((field.name, theirs))
            self.has_gaps = True
            return ABSENT
        return ours
