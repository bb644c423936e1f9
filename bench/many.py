"""Many tickets change at once: seconds to fix the list, to say who is left out, to change some; how the process grew.

python -m bench.many --rows 200000 [--change 5000] [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from bench.embedded import own_redis
from bench.export import fill, own_app, watched
from webapp.accounts import actions as accounts
from webapp.bulk import actions, queries
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.tickets.many.steps import CHANGE, SCOPE, Change, excluded
from webapp.tickets.models import Ticket


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--change", type=int, default=5000)
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite without it")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        own_redis(folder) as redis_url,
        own_app(folder, chosen.database, redis_url) as app,
        app.app_context(),
    ):
        fill(chosen.rows)
        measure(chosen.rows, chosen.change)


def measure(rows: int, wanted: int) -> None:
    with db.transaction():
        actor = accounts.create_user(
            "a@example.org", name="Amihan", role="admin", password="a long password", actor=SYSTEM
        ).actor
    change = Change({"status": "closed", "priority": 4}, add_tags=("Storm",))
    words = {"scope": SCOPE, "title": "Close", "back": "/tickets", "actor": actor}
    bulk = _step(
        f"fix a list of {rows:,}",
        lambda: actions.plan_all(kind=CHANGE, ids=select(Ticket.id), **words),
    )
    _step(
        "say who is left out",
        lambda: actions.decide(
            bulk, title="Close", args=change.as_args(), excluded=excluded(change)
        ),
    )
    _step("start", lambda: actions.start(bulk, actor=actor))
    with watched() as seen:
        for _ in range(wanted // actions.BATCH):
            with db.transaction():
                actions.do_batch(bulk.id)
    _tell(f"change {wanted:,}", seen)
    with watched() as seen:
        progress = queries.progress_of(bulk.id)
    _tell(f"progress ({progress.done:,} done)", seen)


def _step(name: str, do: Callable[[], Any]) -> Any:
    with watched() as seen, db.transaction():
        found = do()
    _tell(name, seen)
    return found


def _tell(name: str, seen: Any) -> None:
    print(
        f"{name:28} {seen.seconds:6.1f} s ({seen.cpu:.1f} s CPU), memory grew by {seen.grew / 1e6:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
