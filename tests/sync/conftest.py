"""Connections to real fakes over HTTP on loopback; time never waits here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from tests.fakes.upstreams import mynaga_server, open311_server
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull.loop import pull
from webapp.tickets.models import Ticket

AMIHAN = Actor("user", 1, "Amihan")


@pytest.fixture
def naga():
    with mynaga_server(records=12) as server:
        yield server


@pytest.fixture
def city():
    with open311_server(records=12) as server:
        yield server


@pytest.fixture
def connect(app):
    """connect(server, …) → the id of a connection to it."""

    def make(server, *, kind="mynaga", name="Naga", secret=None, **options):
        with db.transaction():
            connection = actions.create_connection(
                kind=kind,
                name=name,
                base_url=server.url,
                secret=server.token if secret is None else secret,
                allow_http=True,
                actor=AMIHAN,
                **options,
            )
        return connection.id

    return make


@pytest.fixture
def run(app):
    """run(connection_id) → its newest run, after one pull that was due."""

    def go(connection_id, **options):
        make_due(connection_id)
        state = pull(connection_id, sleep=lambda _s: None, **options)
        found = last_run(connection_id)
        assert state is None or found.state == state
        add_up(found)
        return found

    return go


def seeing():
    """The session; outside of a transaction it then sees what others have written meanwhile."""
    if not db.in_transaction():
        db.session().rollback()
    return db.session()


def make_due(connection_id):
    with db.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        if connection.state in ("active", "degraded"):
            connection.next_pull_at = clock.now()


def last_run(connection_id):
    session = seeing()
    newest = select(Run).where(Run.connection_id == connection_id).order_by(Run.id.desc()).limit(1)
    found = session.scalars(newest.execution_options(populate_existing=True)).one()
    session.expunge(found)  # it stays as it is now, whatever the test does next
    return found


def add_up(run):
    parts = ("created", "updated", "unchanged", "deferred", "skipped", "quarantined")
    assert run.fetched == sum(getattr(run, part) for part in parts)


def counted():
    """How many rows there are of what must not grow by itself."""
    session = seeing()
    return SimpleNamespace(
        **{
            model.__tablename__: session.scalar(select(func.count()).select_from(model))
            for model in (Ticket, Link, Event, Delivery)
        }
    )


def connection_of(connection_id):
    return seeing().get_one(Connection, connection_id, populate_existing=True)


def ticket_of(external_id):
    return seeing().scalars(select(Ticket).where(Ticket.control_number == external_id)).one()


def link_of(external_id):
    return seeing().scalars(select(Link).where(Link.external_id == external_id)).one()


def assert_in_no_row(secret):
    """Search the whole database for it."""
    with db.db.engine.connect() as connection:
        for table in db.Base.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                assert secret not in repr(row), table.name
