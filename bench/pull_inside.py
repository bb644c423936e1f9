"""As bench/pull.py, in one process and page by page in turn: desk, floor, desk, floor …, so that other load falls on
both alike.

    python -m bench.pull_inside [--records 5000] [--database postgresql://…/postgres] [--profile FILE]

For the first pull and a full re-read of the same: CPU µs of this thread a record, the least of all pages but the first
and the lower quartile, of the desk and of the floor, and the quotients. What a process does once is in neither.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import pull
from bench.desk import environ, own_database, own_upstream
from bench.embedded import own_redis
from bench.floor import SIZE, Floor


class Turns:
    """The desk's pull, which after each page lets the floor do one of its own."""

    def __init__(self, floor: Iterator[int], profiler: cProfile.Profile | None) -> None:
        self.desk: list[float] = []
        self.floor: list[float] = []
        self._pages, self._profiler = floor, profiler

    def begin(self) -> None:
        self._mark = time.thread_time()
        if self._profiler is not None:
            self._profiler.enable()

    def turn(self) -> None:
        if self._profiler is not None:
            self._profiler.disable()
        self.desk.append(time.thread_time() - self._mark)
        mark = time.thread_time()
        next(self._pages)
        self.floor.append(time.thread_time() - mark)
        self.begin()

    def say(self, name: str) -> None:
        words = [f"{name:16}"]
        for how, place in (("least", 0.0), ("quartile", 0.25)):
            ours, bare = (_at(times[1:], place) for times in (self.desk, self.floor))
            words.append(f"{how}: desk {ours:.1f} µs, floor {bare:.1f} µs, {ours / bare:.2f} ×")
        print(" · ".join(words), flush=True)


def _at(times: list[float], place: float) -> float:
    return sorted(times)[int(len(times) * place)] / SIZE * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite by default")
    parser.add_argument("--people", type=int, default=0, help="agents, who are told of new tickets")
    parser.add_argument("--profile", default="", help="a file for the desk's profile")
    chosen = parser.parse_args()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-bench-"))
        # One each: it answers over one connection at a time.
        upstreams = [parts.enter_context(own_upstream(chosen.records)) for _ in range(2)]
        redis_url = parts.enter_context(own_redis(folder))
        desk, bare = (
            parts.enter_context(own_database(folder, chosen.database, who))
            for who in ("desk", "floor")
        )
        for database in (bare, desk):
            own = environ(folder, database=database, redis_url=redis_url)
            pull.run(["prepare", upstreams[0]], own, argparse.Namespace(profile="", limit=300))
        os.environ.update(own)
        _compare(upstreams[1], bare, chosen.profile, people=chosen.people)


def _compare(upstream: str, bare: str, profile: str, *, people: int) -> None:
    from webapp import create_app
    from webapp.core import db
    from webapp.sync.models import Connection

    floor = Floor(upstream, bare)
    with create_app(pages=False).app_context():
        _employ(people)
        for name in ("first", "nothing_changed"):
            with db.transaction() as session:
                connection = session.get_one(Connection, 1)
                connection.watermark, connection.cursor = None, {}
            profiler = cProfile.Profile(time.thread_time) if profile else None
            turns = Turns(floor.pages(), profiler)
            _pull(turns)
            turns.say(name)
            if profiler is not None:
                profiler.disable()
                profiler.dump_stats(str(Path(profile).with_suffix(f".{name}.prof")))


def _employ(people: int) -> None:
    from webapp.accounts.actions import create_user
    from webapp.core import db
    from webapp.events.types import SYSTEM

    with db.transaction():
        for number in range(people):
            email, secret = f"agent{number}@bench.example", f"bench-{number}-password-long"
            create_user(
                email=email, name=f"Agent {number}", role="agent", password=secret, actor=SYSTEM
            )


def _pull(turns: Turns) -> None:
    from webapp.sync import tasks
    from webapp.sync.pull.pulling import Pulling

    asked = Pulling._spent

    def spent(pulling: Any) -> bool:
        turns.turn()
        return asked(pulling)

    Pulling._spent = spent  # type: ignore[method-assign]
    try:
        turns.begin()
        while tasks.pull_now(1) == "partial":
            pass
    finally:
        Pulling._spent = asked  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
