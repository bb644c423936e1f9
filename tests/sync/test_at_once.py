"""Pulls, pushes and people at the same time, in threads of their own, on one database."""

import random
import threading
import time

import pytest
from sqlalchemy import func, select, update

from tests.conftest import PATIENCE_S
from tests.fakes.upstreams import mynaga_server
from tests.sync.conftest import AMIHAN, counted
from tests.sync.test_two_sides import _check_agreement, _check_books, _settle
from webapp.core import clock, db
from webapp.core.errors import AppError
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.sync.models import Connection, Link
from webapp.sync.pull.loop import pull
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES

pytestmark = pytest.mark.slow
LEAST_S, MOST_S = 4.0, 90.0
ENOUGH = 12  # deliveries; a slow machine needs longer to make them


def test_everybody_at_once_loses_and_doubles_nothing(app, connect):
    with mynaga_server(records=30) as naga:
        connection_id = connect(naga)
        pull(connection_id)
        stop, broken = threading.Event(), []

        def keep(doing):
            rng = random.Random(doing.__name__)
            with app.app_context():
                while not stop.is_set():
                    try:
                        doing(rng, naga, connection_id)
                    except Exception as error:  # noqa: BLE001 - whatever it is, it fails the test
                        broken.append((doing.__name__, type(error).__name__, str(error)[:300]))
                    db.session().rollback()
                    time.sleep(rng.random() / 50)
                db.session().close()

        doings = (_pull, _pull, _send, _send, _person, _person, _upstream)
        threads = [threading.Thread(target=keep, args=(doing,)) for doing in doings]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while _held(began):
            time.sleep(0.2)
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)

        assert broken == []
        _settle(connection_id)
        _check_agreement(naga, connection_id)
        _check_books(connection_id)
        assert _deliveries() >= ENOUGH
        before = counted()
        _settle(connection_id)
        assert counted() == before


def _held(began):
    waited = time.monotonic() - began
    return waited < LEAST_S or (waited < MOST_S and _deliveries() < ENOUGH)


def _deliveries():
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(Delivery))


def _pull(_rng, _naga, connection_id):
    with db.transaction() as session:
        session.execute(
            update(Connection)
            .where(Connection.id == connection_id, Connection.lease_token.is_(None))
            .values(next_pull_at=clock.now())
        )
    pull(connection_id, sleep=lambda _s: None)


def _send(_rng, _naga, connection_id):
    deliver.drain(f"connection:{connection_id}")


def _person(rng, _naga, _connection_id):
    """As a view does it: the ticket is locked, read, changed, committed."""
    try:
        with db.transaction() as session:
            ids = session.scalars(select(Link.local_id).order_by(Link.id)).all()
            wanted = select(Ticket).where(Ticket.id == rng.choice(ids)).with_for_update()
            ticket = session.scalars(wanted.execution_options(populate_existing=True)).one()
            change_status(ticket, status=rng.choice(STATUSES), actor=AMIHAN)
    except AppError:
        pass  # somebody was quicker, and the person is told so


def _upstream(rng, naga, _connection_id):
    reports = [
        report["id"] for _, report in naga.upstream.reports.page(since=None, after=None, limit=100)
    ]
    if rng.random() < 0.3:
        naga.add()
    else:
        naga.edit(rng.choice(reports), refinedCategory=f"Refined {rng.random()}")
