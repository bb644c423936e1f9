"""The whole world of one connection in one process: upstream, wire, database, Redis, worker, clock.

Everything of the desk is the real thing. The clock stands still unless it is moved; HTTP goes over `Wire`;
the worker is `work()`, which runs what lies in the real queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
import rq
import time_machine
from flask import Flask
from rq.job import Job
from sqlalchemy import Select, select, update

from tests.conftest import filled_tables
from tests.proof.wire import Killed, Points, Wire, numbered_commits
from webapp import schedule
from webapp.core import clock, db
from webapp.core.http import Client
from webapp.core.queue import QUEUES
from webapp.core.redis import client as redis_client
from webapp.demo.clock import millis
from webapp.demo.mynaga.app import MyNaga
from webapp.demo.mynaga.app import create_app as mynaga_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.mynaga.tokens import FULL_TOKEN
from webapp.demo.shelf import Shelf
from webapp.events.types import Actor
from webapp.outbox import actions as outbox
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.sync import actions, tasks
from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull import loop
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket

AMIHAN = Actor("user", 1, "Amihan")
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LEASE_S = 91
CATEGORIES = ("Road", "Light", "Water")
KEPT = {"user_account", "desk", "category", "setting", "session"}  # tables that no world empties
FLASK = MyNaga(Reports(Shelf()), short_pages=False, cursor_seconds=10**9)
UPSTREAM = mynaga_app(FLASK)


class Town:
    """Reports of the demo MyNaga: the upstream of the ticket worlds."""

    usual: ClassVar = {"kind": "mynaga", "name": "Naga", "secret": FULL_TOKEN}

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.records = Reports(Shelf(), seed=7, clock=clock)
        FLASK.reports = self.records
        self.app = UPSTREAM


class World:
    """`skew`: their clock minus ours. The rest is as Wire has it. A subclass has another upstream."""

    upstream: Callable[[Callable[[], datetime]], Any] = Town

    def __init__(
        self,
        app: Flask,
        traveller: time_machine.Traveller,
        *,
        points: Points | None = None,
        clamp: int = 2,
        versions: bool = True,
        skew: timedelta = timedelta(0),
    ) -> None:
        self.app, self.traveller, self.skew = app, traveller, skew
        self.points = points or Points()
        self.there_is = type(self).upstream(self.their_now)
        self.reports = self.there_is.records
        app_there, now = self.there_is.app, self.their_now
        self.wire = Wire(app_there, self.points, clamp=clamp, versions=versions, now=now)
        self.connection_id = 0

    def fill(self) -> None:
        """What is there before the desk is connected."""
        for category in CATEGORIES:
            self.add(category=category, status="Submitted")

    # The clock

    def their_now(self) -> datetime:
        return clock.now() + self.skew

    def pass_(self, seconds: float) -> None:
        self.traveller.shift(seconds)

    # The upstream's people

    def add(self, **fields: Any) -> str:
        return str(self.reports.add(**fields)["id"])

    def edit(self, report: str, *, seen_late_by: float = 0, **fields: Any) -> None:
        """`seen_late_by`: the change carries a time that many seconds ago, as after a slow commit over there."""
        record = self.reports.shelf.get(report)
        assert record is not None
        stamp = millis(self.their_now() - timedelta(seconds=seen_late_by))
        with self.reports.shelf.writing():
            self.reports._put_changed(record, fields, max(stamp, record.updated))

    def there(self, report: str) -> dict[str, Any]:
        found = self.reports.get(report)
        assert found is not None
        return found

    def all_there(self) -> list[dict[str, Any]]:
        return [report for _, report in self.reports.page(since=None, after=None, limit=10_000)]

    @property
    def received(self) -> Any:
        return self.reports.shelf.received()

    # The desk

    def connect(self, **options: Any) -> int:
        """`options`: as create_connection takes them."""
        usual = {"base_url": "http://naga.example", "allow_http": True, "actor": AMIHAN}
        with db.transaction():
            made = actions.create_connection(**{**usual, **self.there_is.usual, **options})
        self.connection_id = made.id
        return made.id

    def begin(self, _stage: str) -> None:
        """What is there has been read."""
        self.connect()
        self.pull()

    def decide(self, report: str, status: str) -> bool:
        """A person here sets the status. False when it had it already."""
        with db.transaction() as session:
            ticket = session.scalars(
                select(Ticket)
                .join(Link, Link.local_id == Ticket.id)
                .where(Link.external_id == report, Link.connection_id == self.connection_id)
            ).one()
            return change_status(ticket, status=status, actor=AMIHAN) is not None

    def agreed(self, report: str) -> Any:
        """The status that both sides last agreed on."""
        with db.transaction() as session:
            base = session.scalar(
                select(Link.base).where(
                    Link.external_id == report, Link.connection_id == self.connection_id
                )
            )
            return (base or {}).get("status")

    def known(self) -> list[str]:
        with db.transaction() as session:
            return list(session.scalars(select(Link.external_id).order_by(Link.id)))

    def make_due(self) -> None:
        with db.transaction() as session:
            session.execute(
                update(Connection)
                .where(
                    Connection.id == self.connection_id,
                    Connection.state.in_(("active", "degraded")),
                )
                .values(next_pull_at=clock.now(), not_before=None)
                .execution_options(synchronize_session=False)
            )

    def pull(self, **options: Any) -> str | None:
        """One pull that is due."""
        self.make_due()
        return loop.pull(self.connection_id, sleep=self.pass_, **options)

    def push(self) -> None:
        """Send what is due."""
        deliver.drain(f"connection:{self.connection_id}")

    def tick(self) -> None:
        schedule.tick()

    def work(self) -> int:
        """A worker runs what lies in the queues. Gives the number of tasks. Of those that ask for the same, each of
        which looks for itself what there is to do, one is run: why it was asked for, its second argument, is no matter."""
        done = 0
        while jobs := {(job.func_name, job.args[:1]): job for job in _queued()}:
            for job in jobs.values():
                done += 1
                job.func(*job.args)
            assert done < 200, "the queues do not run dry"
        return done

    def hurry(self) -> None:
        """A person presses `retry now` on all that waits."""
        with db.transaction() as session:
            waiting = session.scalars(
                select(Delivery.id).where(
                    Delivery.settled_at.is_(None),
                    Delivery.state.in_(("pending", "retrying", "held")),
                )
            ).all()
            for delivery_id in waiting:
                outbox.retry_now(delivery_id, actor=AMIHAN)

    def wake(self) -> None:
        """A person resumes what the desk had stopped, and asks for a sync."""
        with db.transaction() as session:
            connection = session.get_one(Connection, self.connection_id)
            if connection.state in ("paused", "auth_error"):
                actions.resume(connection, actor=AMIHAN)
            connection.not_before = None
            actions.request_sync(connection, actor=AMIHAN)

    def open_up(self) -> None:
        """A person looks: what the desk has stopped, or was asked to leave alone for a while, goes on."""
        with db.transaction() as session:
            state, not_before = session.execute(
                select(Connection.state, Connection.not_before).where(
                    Connection.id == self.connection_id
                )
            ).one()
        if state in ("paused", "auth_error") or not_before is not None:
            self.wake()

    def waiting(self) -> bool:
        """Something is on its way out. What is not due yet is made due, as by `retry now`."""
        with db.transaction() as session:
            due = [at <= clock.now() for at in session.scalars(self._unsent(Delivery.not_before))]
        if due and not any(due):
            self.hurry()
        return bool(due)

    def settle(self, rounds: int = 4) -> None:
        """Everybody is quiet, the upstream is well: all that is under way comes to its end."""
        self.points.arm(None)
        self.wire.meddle = None
        for _ in range(rounds):
            self.pass_(LEASE_S)
            self.hurry()
            self.wake()
            self.tick()
            self.work()

    def come_to_rest(self) -> None:
        """Four rounds at most: whatever needs more is stuck."""
        for _ in range(4):
            self.settle(rounds=1)
            if self.at_rest():
                break

    def at_rest(self) -> bool:
        """Whether the last pull began anew and ended well, and nothing waits for another one or for a push."""
        with db.transaction() as session:
            last = session.execute(
                select(Run.state, Run.cursor_before).order_by(Run.id.desc()).limit(1)
            ).first()
            links = session.execute(select(Link.reread | Link.children_due, Link.sent_values))
            # A pull that went on where another had stopped has missed what came since.
            return (
                last is not None
                and tuple(last) == ("ok", {})
                and not any(reread or sent for reread, sent in links)
                and session.scalars(self._unsent(Delivery.id)).first() is None
            )

    def _unsent(self, column: Any) -> Select[Any]:
        return select(column).where(
            Delivery.target == f"connection:{self.connection_id}",
            Delivery.settled_at.is_(None),
            Delivery.state != "parked",
        )

    def elsewhere(self, act: Callable[[], Any]) -> Any:
        """Do it as another process would: in a session of its own, which kills cannot reach."""
        was, self.points.asleep = self.points.asleep, True
        try:
            with self.app.app_context():
                return act()
        finally:
            self.points.asleep = was

    def survive(self, act: Callable[[], Any]) -> bool:
        """Run it until it ends or is killed; True when it was killed. What the process held is gone."""
        try:
            act()
        except Killed:
            db.session().rollback()
            db.db.session.remove()
            return True
        finally:
            self.points.arm(None)
        return False


def _queued() -> list[Job]:
    """All that lies in the queues, taken out in one go."""
    client = redis_client()
    keys = [rq.Queue(name, connection=client).key for name in QUEUES]
    with client.pipeline() as pipe:
        for key in keys:
            pipe.lrange(key, 0, -1)
        pipe.delete(*keys)
        found = pipe.execute()[: len(keys)]
    names = [str(name, "ascii") for queue in found for name in queue]
    jobs = [job for job in Job.fetch_many(names, connection=client) if job is not None]
    if jobs:
        client.delete(*(job.key for job in jobs))
    return jobs


@contextmanager
def making(
    app: Flask, monkeypatch: pytest.MonkeyPatch, kind: type[World] = World
) -> Iterator[Callable[..., Any]]:
    """Gives a maker of worlds, one at a time, each beginning with an empty desk."""
    standing: list[World] = []

    def transport(**options: Any) -> Client:
        return Client(transport=standing[-1].wire, **options)

    def sleep(seconds: float) -> None:
        standing[-1].pass_(seconds)

    monkeypatch.setattr("webapp.sync.connections.Client", transport)
    monkeypatch.setattr(tasks, "pull", partial(loop.pull, sleep=sleep))
    points = Points()
    with numbered_commits(points), time_machine.travel(START, tick=False) as traveller:

        def make(**options: Any) -> World:
            points.arm(None)
            points.passed.clear()
            empty()
            traveller.move_to(START)
            standing[:] = [kind(app, traveller, points=points, **options)]
            return standing[0]

        yield make


def empty() -> None:
    """Everything but people and settings goes."""
    redis_client().flushall()
    db.db.session.remove()
    with db.transaction() as session:
        filled = filled_tables(session.connection())
    run_sql([f"DELETE FROM {name}" for name in filled if name not in KEPT])


def run_sql(statements: list[str]) -> None:
    """All of them in one transaction, as the driver takes them."""
    with db.transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("; ".join(statements))
        else:
            for each in statements:
                connection.exec_driver_sql(each)
