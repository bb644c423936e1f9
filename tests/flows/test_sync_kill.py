"""A real worker process is killed (-9) in the middle of a pull and of a push: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from tests.fakes.upstreams import Fault, mynaga_server
from tests.processes import STARTS_WITHIN_S, kill_family
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.outbox import tasks as outbox
from webapp.outbox.models import Delivery
from webapp.sync import actions, tasks
from webapp.sync.models import Connection, Link, Run
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
AMIHAN = Actor("user", 1, "Amihan")


@pytest.fixture
def worker(app, settings):
    """worker() starts a real worker process; what still runs at the end is killed."""
    processes = []

    def start():
        environ = {
            **os.environ,
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "TULAY_SECRET_KEYS": settings.tulay_secret_keys[0].get_secret_value(),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SYNC_ALLOWED_NETS": "127.0.0.0/8",
            "ATTACHMENTS_URL": settings.attachments_url,
            "LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen(
            [sys.executable, "worker.py"], cwd=ROOT, env=environ, start_new_session=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        kill_family(process)


def connect(naga):
    with db.transaction():
        made = actions.create_connection(
            kind="mynaga",
            name="Naga",
            base_url=naga.url,
            secret=naga.token,
            allow_http=True,
            actor=AMIHAN,
        )
    return made.id


def test_a_worker_killed_in_the_middle_of_a_pull(worker):
    with mynaga_server(records=700, short_pages=False) as naga:
        connection_id = connect(naga)
        # Three pages come, the fourth hangs.
        pages = {"path": "/api/v1/reports", "method": "GET"}
        naga.script(
            Fault("slow", **pages, seconds=0, times=3),
            Fault("slow", **pages, seconds=60, times=None),
        )
        first = worker()
        wait_for(lambda: count(Ticket) >= 200)
        assert run_of(connection_id).state == "running"
        made = count(Ticket)
        kill_family(first)

        assert 200 <= made == count(Ticket) == count(Link) <= 700
        naga.well()
        _let_leases_run_out()
        tasks.tick()
        second = worker()
        wait_for(lambda: run_of(connection_id).state == "ok")
        kill_family(second)

        assert count(Ticket) == count(Link) == 700
        created = select(func.count()).where(Event.type == "ticket.created")
        assert db.session().scalar(created) == 700
        runs = db.session().scalars(select(Run).order_by(Run.id)).all()
        assert sum(run.created for run in runs) == 700
        for run in runs:
            parts = (run.created, run.updated, run.unchanged, run.deferred, run.skipped)
            assert run.fetched == sum(parts) + run.quarantined


def test_a_worker_killed_in_the_middle_of_a_push(worker):
    with mynaga_server(records=3) as naga:
        report = naga.add(status="Submitted")["id"]
        connection_id = connect(naga)
        tasks.pull_connection(connection_id)
        # The upstream takes its time, and does it in the end: after the one who asked is dead.
        naga.script(Fault("slow", method="PATCH", seconds=8.0))
        with db.transaction() as session:
            ticket = session.scalars(select(Ticket).where(Ticket.control_number == report)).one()
            change_status(ticket, status="resolved", actor=AMIHAN)
        first = worker()
        wait_for(lambda: any(call.method == "PATCH" for call in naga.calls))
        kill_family(first)
        assert delivery().state == "sending"

        wait_for(lambda: naga.get(report)["status"] == "Resolved")
        _let_leases_run_out()
        outbox.tick_due()
        second = worker()
        wait_for(lambda: delivery().state == "sent")
        kill_family(second)

        assert delivery().answer["how"] == "confirmed by reading"
        assert len(naga.received) == 1
        assert naga.get(report)["version"] == 2
        tasks.pull_connection(connection_id)
        assert db.session().scalar(select(func.count()).select_from(Delivery)) == 1


def wait_for(condition):
    end = time.monotonic() + STARTS_WITHIN_S
    while True:
        db.session().rollback()
        if condition():
            return
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def count(model):
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model))


def run_of(connection_id):
    db.session().rollback()
    newest = select(Run).where(Run.connection_id == connection_id).order_by(Run.id.desc()).limit(1)
    return db.session().scalars(newest.execution_options(populate_existing=True)).one()


def delivery():
    db.session().rollback()
    found = select(Delivery).where(Delivery.channel == "push")
    return db.session().scalars(found.execution_options(populate_existing=True)).one()


def _let_leases_run_out():
    """As if 90 seconds had passed; the test does not wait for them."""
    past = clock.now() - timedelta(seconds=1)
    with db.transaction() as session:
        session.execute(
            update(Connection).where(Connection.lease_token.is_not(None)).values(lease_until=past)
        )
        session.execute(
            update(Delivery)
            .where(Delivery.lease_token.is_not(None))
            .values(lease_until=past, not_before=past)
        )
