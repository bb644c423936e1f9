"""A dry run before the first real pull: everything is read, nothing is written but its report."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Fault, Server
from tests.mapping.test_editing import where
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_adding import form
from tests.sync_pages.test_running import events
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.mapping import jobs
from webapp.sync.mapping.models import MappingJob
from webapp.sync.mapping.working import run_job
from webapp.sync.models import Connection, Link, Quarantine, Run, ValueMap
from webapp.sync.pull.loop import pull
from webapp.tickets.models import Ticket


def rows(session: Session) -> dict[str, int]:
    session.rollback()
    models = (Ticket, Link, Run, Quarantine, ValueMap, Delivery)
    return {
        m.__tablename__: session.scalar(select(func.count()).select_from(m)) or 0 for m in models
    }


def dry_run(session: Session, connection: Connection, **given: int) -> MappingJob:
    number = connection.id
    with db.transaction():
        fresh = session.get_one(Connection, number)
        job_id = jobs.begin(fresh, kind=jobs.DRY_RUN, actor=SYSTEM, **given).id
    run_job(job_id)
    session.rollback()
    return session.get_one(MappingJob, job_id)


def test_a_new_connection_is_tried_first_and_started_afterwards(
    admin: FlaskClient, naga: Server, session: Session
) -> None:
    naga.edit("NAGA-2026-004102", status="Escalated")
    answer = admin.post("/connections", data=form(naga, dry_run="1"))
    assert answer.status_code == 303
    assert answer.location.endswith("/mapping")
    connection = session.scalars(select(Connection)).one()
    number = connection.id
    assert (connection.state, connection.next_pull_at) == ("paused", None)
    assert pull(number) is None
    run_job(session.scalars(select(MappingJob.id)).one())
    assert set(rows(session).values()) == {0}
    connection = session.get_one(Connection, number)
    assert (connection.watermark, connection.cursor, connection.state) == (None, {}, "paused")
    page = admin.get(where(connection)).text
    assert "Would create 6 tickets, update 0; as now 0; problems 0." in page
    assert "Escalated" in page
    assert "Start pulling" in page
    assert admin.post(f"/connections/{number}/resume").status_code in (200, 303)
    assert pull(number, trigger="manual") == "ok"
    assert rows(session)["ticket"] == 6
    assert len(events(session, "connection.dry_run_done")) == 1


def test_of_what_is_here_it_says_what_would_change(
    connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    naga.edit("NAGA-2026-004101", description="Another one")
    before = rows(session)
    job = dry_run(session, connection)
    assert (job.state, job.counts["report"]["same"], job.counts["report"]["update"]) == ("ok", 5, 1)
    assert rows(session) == before


def test_it_stops_after_so_many_pages_and_says_that_there_is_more(
    connect: Connect, session: Session, naga: Server
) -> None:
    connection = connect(pulled=False)
    naga.upstream.reports.fill(600)
    job = dry_run(session, connection, most_pages=2)
    assert (job.state, job.pages) == ("partial", 2)
    assert 0 < job.records < 600


def test_reasons_are_counted_and_hold_no_values(connect: Connect, session: Session) -> None:
    connection = connect(pulled=False)
    text = actions.declaring.source_of(connection)
    with db.transaction():
        fresh = session.get_one(Connection, connection.id)
        edited = text.replace("barangay: barangay", "barangay: {from: nowhere, required: true}", 1)
        actions.edit_declaration(fresh, text=edited, actor=SYSTEM)
    job = dry_run(session, connection)
    assert job.reasons == {"report": {"It has no barangay.": 6}}
    assert job.counts["report"]["wrong"] == 6


def test_a_failure_is_told_with_its_advice(
    connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect(pulled=False)
    naga.script(Fault("revoked", times=9))
    job = dry_run(session, connection)
    assert job.state == "failed"
    assert "revoked" in job.error
    assert job.advice


def test_a_second_one_waits_for_the_first(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect(pulled=False)
    assert admin.post(where(connection, "dry-run")).status_code == 303
    assert admin.post(where(connection, "dry-run")).status_code == 409
    session.rollback()
    assert session.scalar(select(func.count()).select_from(MappingJob)) == 1
