"""Everybody at work in a soak: the upstream's people, the desk's, and an admin who presses buttons."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from bench.people import Amihan
from webapp.core import clock, db
from webapp.demo.mynaga.reports import Reports
from webapp.outbox import actions as outbox
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.models import Connection, Link
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES

THEIRS = ("Submitted", "Acknowledged", "In Progress", "For Rerouting", "Resolved", "Closed")
BUSY = (OperationalError, StaleDataError)  # a person would press again


class Crowd:
    def __init__(
        self, amihan: Amihan, reports: Reports, connection_id: int, *, dice: random.Random
    ) -> None:
        self.amihan, self.reports, self.connection_id = amihan, reports, connection_id
        self.dice = dice
        self.counted: Counter[str] = Counter()
        self.failed: list[str] = []  # what nobody at a desk may ever see
        self._done = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        self._every(0.15, self._they_work)
        self._every(0.15, self._we_work)
        self._every(5, self.press_buttons)

    def end(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(60)

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
        with self.amihan.desk.app_context(), db.transaction() as session:
            newest = session.scalar(select(func.max(Link.id))) or 0
            link = session.get(Link, max(newest - self.dice.randrange(500), 1))
            if link is not None:
                ticket = session.get_one(Ticket, link.local_id)
                status = self.dice.choice(STATUSES)
                if change_status(ticket, status=status, actor=self.amihan.actor):
                    self.counted["ours_edited"] += 1

    def press_buttons(self) -> None:
        """Resume what was stopped, sync now, retry what waits: nobody sits out a back-off of hours in a soak."""
        amihan = self.amihan.actor
        with self.amihan.desk.app_context(), db.transaction() as session:
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
            while not self._done.wait(seconds):
                try:
                    act()
                except BUSY:
                    self.counted["pressed_again"] += 1
                except Exception as error:  # noqa: BLE001 - told in the verdict; the others work on
                    self.failed.append(f"{act.__name__}: {type(error).__name__}: {error}"[:300])

        self._threads.append(threading.Thread(target=go, daemon=True))
        self._threads[-1].start()
