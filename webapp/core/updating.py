"""Many changed rows of one table with one statement, where each carries a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, inspect, update
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from webapp.core.db import Keyed, Versioned, flush, session

FEW = 3  # fewer go as usual


def flush_together() -> None:
    """As `session().flush()`, which writes versioned rows one by one, to see of each that nobody wrote it meanwhile.
    Here rows of which the same columns change go together, and their number says the same.

    Raises StaleDataError.
    """
    current = session()
    alike: dict[tuple[Mapper[Any], frozenset[str]], list[Versioned]] = defaultdict(list)
    for row in current.dirty:
        if isinstance(row, Versioned) and isinstance(row, Keyed) and (changed := _changed(row)):
            alike[inspect(row).mapper, changed].append(row)
    for (mapper, names), rows in alike.items():
        if len(rows) >= FEW:
            _write(mapper, tuple(sorted(names)), rows)
    flush()


def _changed(row: Versioned) -> frozenset[str]:
    """Its columns that hold something else than the database; none where more than plain columns has changed."""
    state = inspect(row)
    before = state.committed_state
    if not before.keys() <= _columns(state.mapper):
        return frozenset()
    holds = state.dict
    return frozenset(name for name, old in before.items() if holds.get(name) != old)


@lru_cache(maxsize=64)
def _columns(mapper: Mapper[Any]) -> frozenset[str]:
    return frozenset(mapper.columns.keys())


def _write(mapper: Mapper[Any], names: Sequence[str], rows: Iterable[Versioned]) -> None:
    written = []
    for row in rows:
        holds = row.__dict__
        values = {f"new_{name}": holds[name] for name in names}
        written.append({"key": holds["id"], "seen": row.version, "next": row.version + 1, **values})
    done = session().connection().execute(_statement(mapper, names), written)
    if done.rowcount != len(written):
        raise StaleDataError(f"Of {len(written)} rows {done.rowcount} were as they had been read.")
    for row in rows:
        for name in names:
            set_committed_value(row, name, row.__dict__[name])
        set_committed_value(row, "version", row.version + 1)


@lru_cache(maxsize=64)
def _statement(mapper: Mapper[Any], names: Sequence[str]) -> Update:
    columns = mapper.columns
    values: dict[Any, Any] = {columns[name]: bindparam(f"new_{name}") for name in names}
    values[columns["version"]] = bindparam("next")
    return (
        update(cast(Table, mapper.local_table))
        .where(columns["id"] == bindparam("key"), columns["version"] == bindparam("seen"))
        .values(values)
    )
