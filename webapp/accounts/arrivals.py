"""Who asks, before Flask does anything: for those who come by the hundred at once, one statement for all of them.

It knows browsers that are signed in and owe nothing, and no others: whoever is not known here takes the full way
(`identity`, `guards`), which finds programs, writes down that a device is in use, and refuses. What makes a session
good and a device signed in is asked where the full way asks it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from flask import Flask, Request
from sqlalchemy.exc import SQLAlchemyError

from webapp.accounts.actions import devices
from webapp.accounts.callers import Known, people_on_devices
from webapp.accounts.guards import PERSON
from webapp.accounts.identity import KIND_OF_DEVICE, SESSION, device_key_in
from webapp.accounts.roles import Permission, permissions_of
from webapp.core import db

GATHER_S = 0.003
SAYS_MORE = ("Authorization", PERSON)  # headers that the full way heeds


@dataclass(frozen=True, slots=True)
class Arrived:
    user_id: int
    held: frozenset[Permission]


@dataclass
class _Batch:
    keys: set[str] = field(default_factory=set)
    found: dict[str, Known] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)


class Arrivals:
    """Of one process. `gather_s`: so long the first one waits for others."""

    def __init__(self, app: Flask, *, gather_s: float = GATHER_S) -> None:
        self._app, self._gather_s = app, gather_s
        self._lock = threading.Lock()
        self._gathering: _Batch | None = None

    def who(self, request: Request) -> Arrived | None:
        """Who is known to have asked, for reading. Waits a moment for others."""
        if any(name in request.headers for name in SAYS_MORE):
            return None
        opened = self._app.session_interface.open_session(self._app, request)
        key = device_key_in(opened) if opened else ""
        known = self._look_up(key) if key else None
        if (
            known is None
            or known.kind != KIND_OF_DEVICE[SESSION]
            or known.owes_factor
            or devices.seen_long_ago(known.last_seen_at)
        ):
            return None
        return Arrived(known.user_id, permissions_of(known.role))

    def _look_up(self, key: str) -> Known | None:
        with self._lock:
            batch = self._gathering
            leads = batch is None
            if batch is None:
                batch = self._gathering = _Batch()
            batch.keys.add(key)
        if leads:
            self._ask_for(batch)
        else:
            batch.done.wait()
        return batch.found.get(key)

    def _ask_for(self, batch: _Batch) -> None:
        """Those who wait get an answer whatever happens: knowing nobody, they take the full way."""
        try:
            time.sleep(self._gather_s)
        finally:
            with self._lock:
                self._gathering = None
            try:
                batch.found = self._found(batch.keys)
            finally:
                batch.done.set()

    def _found(self, keys: Collection[str]) -> dict[str, Known]:
        with self._app.app_context():
            engine = db.db.engine
        try:
            with engine.connect() as connection:
                return people_on_devices(connection, keys)
        except SQLAlchemyError:
            return {}
