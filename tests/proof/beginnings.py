"""Worlds whose first steps are done already: taken once, for real, and then put back row by row and key by key."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests.proof.world import KEPT, World, run_sql
from webapp.core import clock, db
from webapp.core.redis import client as redis_client


@dataclass(frozen=True)
class Begun:
    """What the first steps left behind, here and there."""

    connection_id: int
    at: datetime
    copies: list[tuple[str, str]]  # table, its copy
    keys: list[tuple[bytes, int, bytes]]  # of Redis: name, life in ms, value
    theirs: sqlite3.Connection

    def put_back(self, world: World) -> None:
        run_sql([f"INSERT INTO {table} SELECT * FROM {copy}" for table, copy in self.copies])
        with redis_client().pipeline(transaction=False) as pipe:
            for key, life, value in self.keys:
                # The reader of live news, which some other test has begun here, may have put its own there again.
                pipe.restore(key, life, value, replace=True)
            pipe.execute()
        self.theirs.backup(world.reports.shelf._db)
        world.connection_id = self.connection_id
        world.pass_((self.at - clock.now()).total_seconds())


class Beginnings:
    """Some records there, a connection, a pull, and on to a `stage` that the world knows: done by the real actions
    once for each kind of world."""

    def __init__(self, make: Callable[..., World]) -> None:
        self._make = make
        self.begun: dict[tuple[Any, ...], Begun] = {}

    def __call__(self, *, stage: str = "", **options: Any) -> World:
        world = self._make(**options)
        world.fill()  # also where theirs is put back: what they invent next is the same then
        kind = (stage, *sorted(options.items()))
        if kind in self.begun:
            self.begun[kind].put_back(world)
        else:
            world.begin(stage)
            self.begun[kind] = _taken(world, number=len(self.begun))
        return world


@contextmanager
def beginnings(make: Callable[..., World]) -> Iterator[Beginnings]:
    """The copies lie in the same database, and go with the last of these worlds."""
    made = Beginnings(make)
    try:
        yield made
    finally:
        run_sql([f"DROP TABLE {copy}" for each in made.begun.values() for _, copy in each.copies])


def _taken(world: World, *, number: int) -> Begun:
    with db.transaction() as session:
        names = [
            table.name
            for table in db.Base.metadata.sorted_tables
            if table.name not in KEPT and session.execute(select(table).limit(1)).first()
        ]
    copies = [(name, f"begun_{number}_{name}") for name in names]
    run_sql([f"CREATE TABLE {copy} AS SELECT * FROM {name}" for name, copy in copies])
    client = redis_client()
    keys = [(key, max(client.pttl(key), 0), client.dump(key)) for key in client.scan_iter()]
    theirs = sqlite3.connect(":memory:", check_same_thread=False)
    world.reports.shelf._db.backup(theirs)
    return Begun(world.connection_id, clock.now(), copies, keys, theirs)
