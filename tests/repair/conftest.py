"""A MyNaga with twelve reports, a connection to it, and people before the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fakes.upstreams import Server, mynaga_server
from tests.sync.conftest import connect, run, seeing  # noqa: F401 - two are fixtures
from webapp.bulk import tasks as bulk_tasks
from webapp.core import db
from webapp.events.models import Event
from webapp.sync import actions
from webapp.sync.models import Conflict, Connection, Link
from webapp.sync.reconcile.models import Comparison, Drift
from webapp.sync.reconcile.walking import compare

Run = Callable[..., Any]


@pytest.fixture
def naga() -> Iterator[Server]:
    with mynaga_server(records=12) as server:
        yield server


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def agent(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.andres)


@pytest.fixture
def pulled(naga: Server, connect: Any, run: Run) -> tuple[int, str]:  # noqa: F811
    """(connection's id, id of a report whose status is submitted)."""
    report = naga.add(status="Submitted", category="Garbage")
    connection_id = connect(naga)
    assert run(connection_id).state == "ok"
    return connection_id, report["id"]


def who_decides(connection_id: int, field: str, owner: str) -> None:
    """The mapping says whose the field is."""
    with db.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        actions.set_owner(connection, field=field, owner=owner, actor=connection.actor)


def rows(model: Any, *conditions: Any) -> list[Any]:
    session = seeing()
    session.expire_all()
    return list(session.scalars(select(model).where(*conditions).order_by(model.id)))


def conflicts() -> list[Conflict]:
    return rows(Conflict)


def drift(*conditions: Any) -> list[Drift]:
    return rows(Drift, *conditions)


def events(kind: str) -> list[Event]:
    return rows(Event, Event.type == kind)


def link_of(external_id: str) -> Link:
    return rows(Link, Link.external_id == external_id)[0]


def compared(connection_id: int) -> Comparison:
    """Let the running comparison come to its end."""
    running = rows(Comparison, Comparison.connection_id == connection_id)[-1]
    number = running.id
    while compare(number, sleep=lambda _s: None):
        pass
    return rows(Comparison, Comparison.id == number)[0]


def confirm(client: FlaskClient, answer: Any, **data: str) -> str:
    """Start what a preview shows, do all of it, and give the preview's text."""
    assert answer.status_code == 303, answer.text
    where = answer.headers["Location"]
    page = client.get(where).text
    if "/start" in page:
        assert client.post(f"{where}/start", data=data).status_code == 303
        bulk_tasks.go_on(int(where.rsplit("/", 1)[1]))
    return page
