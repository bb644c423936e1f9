"""Both sides work, a fifth of all calls go wrong, a real worker is killed -9 again and again; then all must be in step.

    python bench/soak.py --seconds 600 --records 50000
    python bench/soak.py --database postgresql://…/an_empty_database

Upstream, Redis, worker and scheduler are real; the desk's people press `Sync now` and `Retry` as people do. At the
end the upstream is well, everything comes to rest, and the invariants of sync.md section 3 are read from SQL. Prints
one JSON line; exits 1 where an invariant does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402 - the path first
from sqlalchemy.exc import OperationalError  # noqa: E402
from sqlalchemy.orm.exc import StaleDataError  # noqa: E402

from bench.embedded import own_redis  # noqa: E402
from webapp.demo.mynaga.app import MyNaga, create_app  # noqa: E402
from webapp.demo.mynaga.reports import Reports  # noqa: E402
from webapp.demo.mynaga.tokens import FULL_TOKEN  # noqa: E402
from webapp.demo.serving import server_for  # noqa: E402
from webapp.demo.shelf import Shelf  # noqa: E402
from webapp.demo.trouble import Fault, Troubles  # noqa: E402

SHARE = 0.2  # of calls that go wrong
MODES = {
    "down": 4, "lost": 4, "truncated": 2, "broken": 3, "unavailable": 2, "limited": 2,
    "html": 1, "slow": 2, "redirect": 1, "revoked": 1,
}  # fmt: skip
THEIRS = ("Submitted", "Acknowledged", "In Progress", "For Rerouting", "Resolved", "Closed")


class Chance(Troubles):
    """A fifth of the calls meets a fault, as long as it is on."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice, self.on, self.met = dice, False, Counter[str]()

    def next_for(self, method: str, path: str) -> Fault | None:
        if not self.on:
            self.met["calls at rest"] += 1
            return None
        self.met["calls"] += 1
        if self.dice.random() > SHARE:
            return None
        mode = self.dice.choices(list(MODES), weights=list(MODES.values()))[0]
        self.met[mode] += 1
        return Fault(mode, seconds=self.dice.uniform(0.2, 2), retry_after="1")


def main() -> None:
    options = _options()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-soak-"))
        os.environ.update(
            _environ(folder, options.database, parts.enter_context(own_redis(folder)))
        )
        soak = Soak(options, folder)
        parts.callback(soak.stop)
        found = soak.run()
    print(json.dumps(found), flush=True)
    sys.exit(1 if found["broken"] else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--kill-every", type=float, default=30, help="seconds")
    parser.add_argument(
        "--rest", type=float, default=900, help="seconds in which all must come to rest"
    )
    parser.add_argument("--database", default="", help="an empty database; SQLite by default")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Soak:
    def __init__(self, options: argparse.Namespace, folder: str) -> None:
        self.options, self.folder = options, folder
        self.dice = random.Random(options.seed)
        self.troubles = Chance(random.Random(options.seed + 1))
        self.reports = Reports(Shelf(), seed=options.seed)
        self.done = threading.Event()
        self.counted: Counter[str] = Counter()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.threads: list[threading.Thread] = []

    def run(self) -> dict[str, Any]:
        from webapp import create_app as create_desk
        from webapp.core import db

        self.reports.fill(self.options.records)
        upstream = MyNaga(self.reports, troubles=self.troubles)
        server = server_for(create_app(upstream), self.troubles)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.desk = create_desk()
        with self.desk.app_context():
            db.Base.metadata.create_all(db.db.engine)
            self.connection_id = _connect(f"http://127.0.0.1:{server.server_port}")
        self._start("scheduler", "--scheduler")
        self._start("worker")
        self.troubles.on = True
        self._every(0.15, self._they_work)
        self._every(0.15, self._we_work)
        self._every(5, self._press_buttons)
        self._kill_on_schedule()
        self.troubles.on = False
        self.done.set()
        for thread in self.threads:
            thread.join(60)
        started = time.monotonic()
        rested = self._come_to_rest()
        return self._figures(rested=rested, seconds=time.monotonic() - started)

    def stop(self) -> None:
        self.done.set()
        for name in list(self.processes):
            self._kill(name)

    # Everybody at work

    def _they_work(self) -> None:
        if self.dice.random() < 0.3:
            self.reports.add(status="Submitted")
            self.counted["theirs_new"] += 1
            return
        found = self.reports.shelf.by_creation(limit=1, offset=self.dice.randrange(500))
        if found:
            self.reports.edit(found[0].id, status=self.dice.choice(THEIRS))
            self.counted["theirs_edited"] += 1

    def _we_work(self) -> None:
        from webapp.core import db
        from webapp.events.types import Actor
        from webapp.sync.models import Link
        from webapp.tickets.actions import change_status
        from webapp.tickets.models import Ticket
        from webapp.tickets.states import STATUSES

        with self.desk.app_context(), db.transaction() as session:
            newest = session.scalar(select(func.max(Link.id))) or 0
            link = session.get(Link, max(newest - self.dice.randrange(500), 1))
            if link is not None:
                ticket = session.get_one(Ticket, link.local_id)
                status = self.dice.choice(STATUSES)
                if change_status(ticket, status=status, actor=Actor("user", 1, "Amihan")):
                    self.counted["ours_edited"] += 1

    def _press_buttons(self) -> None:
        """Resume what was stopped, sync now, retry what waits: nobody sits out a back-off of hours in a soak."""
        from webapp.core import clock, db
        from webapp.events.types import Actor
        from webapp.outbox import actions as outbox
        from webapp.outbox.models import Delivery
        from webapp.sync import actions
        from webapp.sync.models import Connection

        amihan = Actor("user", 1, "Amihan")
        with self.desk.app_context(), db.transaction() as session:
            connection = session.get_one(Connection, self.connection_id)
            if connection.state in ("paused", "auth_error"):
                actions.resume(connection, actor=amihan)
            if connection.lease_until is None or connection.lease_until <= clock.now():
                connection.not_before = None
                actions.request_sync(connection, actor=amihan)
            waiting = session.scalars(
                select(Delivery.id)
                .where(
                    Delivery.settled_at.is_(None),
                    Delivery.state.in_(("retrying", "held", "parked")),
                )
                .limit(200)
            ).all()
            for delivery_id in waiting:
                outbox.retry_now(delivery_id, actor=amihan)

    def _every(self, seconds: float, act: Callable[[], None]) -> None:
        def go() -> None:
            while not self.done.wait(seconds):
                try:
                    act()
                except (OperationalError, StaleDataError):  # busy: a person would press again
                    self.counted["pressed_again"] += 1

        self.threads.append(threading.Thread(target=go, daemon=True))
        self.threads[-1].start()

    # The machine below

    def _kill_on_schedule(self) -> None:
        end = time.monotonic() + self.options.seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.options.kill_every))
            self._kill("worker")
            self.counted["kills"] += 1
            self._start("worker")

    def _start(self, name: str, *arguments: str) -> None:
        log = open(Path(self.folder, f"{name}.log"), "ab")  # noqa: SIM115 - the process keeps it
        self.processes[name] = subprocess.Popen(
            [sys.executable, "worker.py", *arguments],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _kill(self, name: str) -> None:
        """-9 for the process and for the child in which it runs its task."""
        process = self.processes.pop(name)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        for pid in (process.pid, *pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(10)

    # The end

    def _come_to_rest(self) -> bool:
        end = time.monotonic() + self.options.rest
        quiet = 0
        while time.monotonic() < end and quiet < 3:
            time.sleep(3)
            with suppress(OperationalError, StaleDataError):
                self._press_buttons()
                quiet = quiet + 1 if self._is_quiet() else 0
        return quiet == 3

    def _is_quiet(self) -> bool:
        from webapp.core import db
        from webapp.outbox.models import Delivery
        from webapp.sync.models import Connection, Link, Run

        with self.desk.app_context(), db.transaction() as session:
            connection = session.get_one(Connection, self.connection_id)
            waiting = session.scalar(select(func.count()).where(Delivery.settled_at.is_(None)))
            reread = session.scalar(select(func.count()).where(Link.reread.is_(True)))
            last = session.scalars(
                select(Run).where(Run.state != "running").order_by(Run.id.desc()).limit(1)
            ).first()
            records = session.scalar(select(func.count()).select_from(Link))
            calm = last is not None and last.state == "ok" and last.updated == last.created == 0
            # At rest means between two runs; the invariants want no lease and no open run.
            if calm and not waiting and not reread and records == self.reports.shelf.count():
                connection.next_pull_at = None
                return connection.lease_token is None
            return False

    def _figures(self, *, rested: bool, seconds: float) -> dict[str, Any]:
        from tests.proof import invariants
        from webapp.core import db
        from webapp.outbox.models import Attempt, Delivery
        from webapp.sync.models import Run

        with self.desk.app_context():
            broken = [] if rested else ["it did not come to rest"]
            for check in (self._check_books, self._check_both_sides, self._check_words):
                try:
                    check()
                except AssertionError as error:
                    broken.append(f"{check.__name__}: {str(error)[:300]}")
            session = invariants.fresh()
            runs = dict(session.execute(select(Run.state, func.count()).group_by(Run.state)).all())
            sent = dict(
                session.execute(
                    select(Delivery.state, func.count())
                    .where(Delivery.channel == "push")
                    .group_by(Delivery.state)
                ).all()
            )
            attempts = session.scalar(select(func.count()).select_from(Attempt))
            fetched = session.scalar(select(func.sum(Run.fetched)))
            return {
                "bench": "soak",
                "database": db.db.engine.dialect.name,
                "seconds": self.options.seconds,
                "rest_seconds": round(seconds),
                "records": self.reports.shelf.count(),
                **self.counted,
                "faults": dict(self.troubles.met),
                "runs": runs,
                "fetched": fetched,
                "deliveries": sent,
                "attempts": attempts,
                "conflicts": invariants.conflicts(self.connection_id),
                "rows": invariants.traces(),
                "broken": broken,
            }

    def _check_books(self) -> None:
        from tests.proof import invariants

        invariants.check_books(self.connection_id)

    def _check_both_sides(self) -> None:
        from tests.proof import invariants

        theirs = self.reports.page(since=None, after=None, limit=10_000_000)
        invariants.check_both_sides(self.connection_id, [report for _, report in theirs])

    def _check_words(self) -> None:
        """Nothing is queued that nobody said, and nothing is parked for good."""
        from tests.proof import invariants
        from webapp.outbox.models import Delivery

        session = invariants.fresh()
        queued = session.scalar(select(func.count()).where(Delivery.channel == "push")) or 0
        allowed = self.counted["ours_edited"] + invariants.conflicts(self.connection_id)
        assert queued <= allowed, f"{queued} deliveries for {allowed} words"


def _connect(url: str) -> int:
    from webapp.core import db
    from webapp.events.types import SYSTEM
    from webapp.sync import actions

    with db.transaction():
        connection = actions.create_connection(
            kind="mynaga",
            name="Soak",
            base_url=url,
            secret=FULL_TOKEN,
            allow_http=True,
            interval_minutes=1,
            actor=SYSTEM,
        )
    return connection.id


def _environ(folder: str, database: str, redis_url: str) -> dict[str, str]:
    from cryptography.fernet import Fernet

    return {
        "SECRET_KEY": secrets.token_hex(32),
        "TULAY_SECRET_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": database or f"sqlite:///{folder}/tulay.db",
        "REDIS_URL": redis_url,
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
        "ATTACHMENTS_URL": f"file://{folder}/attachments",
        "LOG_LEVEL": "ERROR",
    }


if __name__ == "__main__":
    main()
