"""Connections without an upstream, and runs of them as they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core import clock, db
from webapp.events.types import SYSTEM
from webapp.sync import actions, runs
from webapp.sync.models import Connection, Run
from webapp.sync.pull.scope import Tally

Ran = Callable[..., int]


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def connection(session: Session) -> Connection:
    return make_connection("Naga")


@pytest.fixture
def ran(session: Session) -> Ran:
    """ran(connection, at, seconds=2, state="ok", created=3 …) → the id of a run that went through the product's
    own beginning and end."""

    def go(
        connection: Connection,
        at: datetime,
        *,
        seconds: float = 2,
        state: str = "ok",
        error_kind: str = "",
        trigger: str = "schedule",
        requests: int = 1,
        waited_s: float = 0.0,
        **counted: int,
    ) -> int:
        token = f"t{at.timestamp()}-{seconds}-{state}-{len(counted)}"
        with db.transaction() as current:
            kept = current.get_one(Connection, connection.id)
            run = runs.begin(
                current, kept, trigger=trigger, token=token[:40], since=None, until=at, now=at
            )
            runs.count(
                current,
                run.id,
                Tally(**counted),
                pages=1,
                requests=requests,
                bytes=1000,
                waited_s=waited_s,
            )
            if state != "running":
                said: dict[str, Any] = {
                    "error_kind": error_kind,
                    "error": "No." if error_kind else "",
                }
                ended = at + timedelta(seconds=seconds)
                assert runs.end(current, run.id, token=token[:40], state=state, now=ended, **said)
        return run.id

    return go


def make_connection(name: str) -> Connection:
    with db.transaction():
        return actions.create_connection(
            kind="mynaga",
            name=name,
            base_url="https://naga.example.org",
            secret="a-token-that-nobody-asks-for-1234",
            actor=SYSTEM,
        )


def run_row(session: Session, number: int) -> Run:
    return session.get_one(Run, number, populate_existing=True)


def minutes_ago(number: float) -> datetime:
    return clock.now() - timedelta(minutes=number)
