"""Many changed rows of one table with one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, inspect, update
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.sql import ClauseElement

from webapp.core.db import Keyed, flush, session

FEW = 3  # fewer go as usual


def flush_together() -> None:
    """As `session().flush()`, which writes rows with a version one by one, to see of each that nobody wrote it
    meanwhile, and works out of each row what it depends on. Here rows of which the same columns change go together,
    and their number says the same.

    Raises StaleDataError.
    """
    current = session()
    alike: dict[tuple[Mapper[Any], frozenset[str]], list[Keyed]] = defaultdict(list)
    for row in current.dirty:
        if isinstance(row, Keyed) and (changed := _changed(row)):
            alike[inspect(row).mapper, changed].append(row)
    for (mapper, names), rows in alike.items():
        if len(rows) >= FEW:
            _write(mapper, tuple(sorted(names)), sorted(rows, key=lambda row: row.id))
    flush()


def _changed(row: Keyed) -> frozenset[str]:
    """Its columns that hold something else than the database; none where more than plain columns has changed."""
    state = inspect(row)
    before = state.committed_state
    if not before.keys() <= _columns(state.mapper):
        return frozenset()
    holds = state.dict
    changed = frozenset(name for name, old in before.items() if holds.get(name) != old)
    return (
        changed
        if not any(isinstance(holds[name], ClauseElement) for name in changed)
        else frozenset()
    )


@lru_cache(maxsize=256)
def _columns(mapper: Mapper[Any]) -> frozenset[str]:
    columns = mapper.columns
    return (
        frozenset()
        if any(each.onupdate is not None for each in columns)
        else frozenset(columns.keys())
    )


def _write(mapper: Mapper[Any], names: Sequence[str], rows: Sequence[Any]) -> None:
    current, versioned = session(), mapper.version_id_col is not None
    written = []
    for row in rows:
        holds = row.__dict__
        values = {f"new_{name}": holds[name] for name in names}
        written.append({"key": holds["id"], **values})
        if versioned:
            written[-1] |= {"seen": row.version, "next": row.version + 1}
    done = current.connection().execute(_statement(mapper, names), written)
    if done.rowcount != len(written):
        raise StaleDataError(f"Of {len(written)} rows {done.rowcount} were as they had been read.")
    states = [inspect(row) for row in rows]
    if versioned:
        for row in rows:
            row.__dict__["version"] += 1
    # As the session's own flush ends: a savepoint that is given up knows what was written in it.
    InstanceState._commit_all_states(
        [(state, state.dict) for state in states], current.identity_map
    )
    current._register_altered(states)


@lru_cache(maxsize=64)
def _statement(mapper: Mapper[Any], names: Sequence[str]) -> Update:
    columns = mapper.columns
    values: dict[Any, Any] = {columns[name]: bindparam(f"new_{name}") for name in names}
    where = [columns["id"] == bindparam("key")]
    if mapper.version_id_col is not None:
        values[columns["version"]] = bindparam("next")
        where.append(columns["version"] == bindparam("seen"))
    return update(cast(Table, mapper.local_table)).where(*where).values(values)
