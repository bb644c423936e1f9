"""Rows of mapped classes out of plain statements, in the session as though it had read them itself.

For the few rows that each request begins with: the session's own way takes twice as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, inspect, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import instance_state, manager_of_class, set_committed_value
from sqlalchemy.orm.util import AliasedClass

from webapp.core import db
from webapp.core.plain import Plain

Row = TypeVar("Row", bound=db.Base)
Wanted = type[db.Base] | AliasedClass[Any] | ColumnElement[Any] | InstrumentedAttribute[Any]


class Entities:
    """A SELECT of `wanted`, to which `more` adds what it joins and asks. Rows as tuples; None for a row that an outer
    join did not find. One of each class has to be in a row at most."""

    def __init__(self, *wanted: Wanted, more: Callable[[Select[Any]], Select[Any]]) -> None:
        columns: list[Any] = []
        self._parts: list[tuple[type[db.Base] | None, int, int]] = []
        for each in wanted:
            kind = _kind_of(each)
            own = [each] if kind is None else [getattr(each, name) for name in _names(kind)]
            self._parts.append((kind, len(columns), len(columns) + len(own)))
            columns += own
        self._plain = Plain(more(select(*columns)))

    def first(self, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        found = self.all(values)
        return found[0] if found else None

    def all(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if db.in_transaction():
            db.flush()  # what was written is read, too
        return [self._read(row) for row in self._plain.all(values)]

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            [
                row[first] if kind is None else _entity(kind, row[first:last])
                for kind, first, last in self._parts
            ]
        )


def belongs(row: db.Base, name: str, other: db.Base | None) -> None:
    """What a row is tied to came with it."""
    if name not in row.__dict__:
        set_committed_value(row, name, other)


def _kind_of(wanted: Wanted) -> type[db.Base] | None:
    mapper = getattr(inspect(wanted, raiseerr=False), "mapper", None)
    is_entity = isinstance(wanted, type | AliasedClass) and mapper is not None
    return mapper.class_ if is_entity else None  # type: ignore[union-attr]


@cache
def _names(kind: type[db.Base]) -> tuple[str, ...]:
    """Of its columns; the key first."""
    names = [each.key for each in inspect(kind).column_attrs]
    return ("id", *(name for name in names if name != "id"))


def _entity(kind: type[Row], values: Sequence[Any]) -> Row | None:
    if values[0] is None:
        return None
    session, given = db.session(), dict(zip(_names(kind), values, strict=True))
    key = inspect(kind).identity_key_from_primary_key((values[0],))
    known: Any = session.identity_map.get(key)
    if known is not None:
        # What it holds stands; what it forgot is filled in, as by a reading of its own.
        for name in given.keys() - known.__dict__.keys():
            set_committed_value(known, name, given[name])
        return known
    row: Row = manager_of_class(kind).new_instance()
    holds(row, given)
    return row


def holds(row: db.Base, values: Mapping[str, Any]) -> None:
    """From now on the session knows a new object as a row that stands in the database with these values."""
    session, state = db.session(), instance_state(row)
    row.__dict__.update(values)
    key = inspect(type(row)).identity_key_from_primary_key((values["id"],))
    state.key, state.session_id = key, session.hash_key
    state._commit_all(state.dict, session.identity_map)
    session.identity_map.add(state)
