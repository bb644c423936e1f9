"""An admin's browser, a MyNaga to connect to, and connections to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server, mynaga_server
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.sync import actions
from webapp.sync.models import Connection
from webapp.sync.pull.loop import pull

Connect = Callable[..., Connection]


@pytest.fixture
def naga() -> Iterator[Server]:
    with mynaga_server(records=6) as server:
        yield server


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def connect(naga: Server, session: Session) -> Connect:
    """A saved connection to `naga`; `pulled` runs its first pull."""

    def make(*, pulled: bool = True, **values: object) -> Connection:
        given = {"kind": "mynaga", "name": "Naga", "base_url": naga.url, "secret": naga.token}
        with db.transaction():
            connection = actions.create_connection(
                **(given | {"allow_http": True} | values),  # type: ignore[arg-type]
                actor=SYSTEM,
            )
        number = connection.id
        known = list(session)
        if pulled:
            pull(number, trigger="manual")
        # A pull lets go of all rows as it goes along; the test's own stay at hand.
        session.add_all(
            row for row in known if row not in session and not isinstance(row, Connection)
        )
        return session.get_one(Connection, number)

    return make
