"""Two sides at once: rows that are older than our push, leases that are lost, Redis that forgets."""

import threading
import time
from datetime import timedelta

import rq
from sqlalchemy import select, update

from tests.conftest import PATIENCE_S
from tests.fakes.upstreams import Fault, mynaga_server
from tests.sync.conftest import (
    AMIHAN,
    connection_of,
    counted,
    last_run,
    link_of,
    make_due,
    ticket_of,
)
from tests.sync.test_pull_trouble import page_of
from tests.sync.test_push import decide, send
from webapp.core import clock, db
from webapp.core.redis import client as redis_client
from webapp.outbox.models import Delivery
from webapp.sync import actions, tasks
from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull.loop import pull


def test_a_page_asked_for_before_our_push_does_not_turn_the_record_back(naga, connect, run):
    report = naga.add(status="Submitted")["id"]
    connection_id = connect(naga)
    run(connection_id)
    # As from a server whose versions say nothing: only the order of asking tells that it is old.
    stale = {**naga.get(report), "category": "Changed too", "version": 2}
    decide(report, "resolved")

    # The first call stumbles; while the pull waits, our push arrives; then the page from before it comes.
    naga.script(Fault("broken", path="/api/v1/reports", method="GET"))
    naga.script(page_of(stale))
    make_due(connection_id)
    pull(connection_id, sleep=lambda _s: send(connection_id))

    assert naga.get(report)["status"] == "Resolved"
    assert last_run(connection_id).deferred == 1
    assert ticket_of(report).status == "resolved"
    assert link_of(report).reread is True

    again = run(connection_id)

    assert (again.state, again.deferred) == ("ok", 0)
    assert link_of(report).reread is False
    assert ticket_of(report).status == "resolved"
    assert len(naga.received) == 1


def test_a_row_read_while_its_push_is_under_way_is_read_again(naga, connect, run):
    report = naga.add(status="Submitted")["id"]
    connection_id = connect(naga)
    run(connection_id)
    decide(report, "resolved")
    with db.transaction() as session:
        session.execute(update(Delivery).values(state="sending"))
    naga.edit(report, category="Flooding")

    found = run(connection_id)

    assert (found.state, found.deferred, found.updated) == ("ok", 1, 0)
    with db.transaction() as session:
        session.execute(update(Delivery).values(state="pending"))
    assert run(connection_id).updated == 1
    assert ticket_of(report).category == "Flooding"


def test_an_older_version_of_a_record_never_overrides_a_newer_one(naga, connect, run):
    report = naga.add(status="Submitted")["id"]
    old = naga.get(report)
    naga.edit(report, status="Resolved")
    connection_id = connect(naga)
    run(connection_id)

    naga.script(page_of(old))
    found = run(connection_id)

    assert (found.skipped, found.updated) == (1, 0)
    assert ticket_of(report).status == "resolved"


def test_a_worker_that_comes_back_after_its_lease_writes_nothing(app, connect, run):
    with mynaga_server(records=250, short_pages=False) as naga:
        connection_id = connect(naga)
        naga.script(Fault("slow", path="/api/v1/reports", method="GET", seconds=5.0))
        ends = []

        def sleeper():
            with app.app_context():
                ends.append(pull(connection_id, sleep=lambda _s: None))
                db.session().close()

        thread = threading.Thread(target=sleeper)
        thread.start()
        wait_for(lambda: connection_of(connection_id).lease_token is not None)
        _expire(connection_id)
        tasks.release_expired_leases()
        assert run(connection_id).state == "ok"
        before, runs = counted(), _runs()

        thread.join(PATIENCE_S)

        assert ends == ["cancelled"]
        assert counted() == before
        assert counted().ticket == 250
        assert _runs() == runs


def test_two_pulls_at_once_are_one(app, connect):
    with mynaga_server(records=5) as naga:
        connection_id = connect(naga)
        naga.script(Fault("slow", path="/api/v1/reports", method="GET", seconds=1.0))
        ends = []

        def one():
            with app.app_context():
                ends.append(pull(connection_id))
                db.session().close()

        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)

        assert sorted(map(str, ends)) == ["None", "None", "ok"]
        assert counted().ticket == 5


def test_pausing_stops_a_pull_at_its_next_page_and_resuming_goes_on(app, connect, run):
    with mynaga_server(records=450, short_pages=False) as naga:
        connection_id = connect(naga)
        assert run(connection_id, most_pages=1).state == "partial"

        def pause_now(_s):
            with db.transaction():
                actions.pause(connection_of(connection_id), actor=AMIHAN)

        naga.script(Fault("broken"))
        make_due(connection_id)
        assert pull(connection_id, sleep=pause_now) == "cancelled"
        assert last_run(connection_id).state == "cancelled"
        assert connection_of(connection_id).lease_token is None
        made = counted().ticket
        assert pull(connection_id) is None

        with db.transaction():
            actions.resume(connection_of(connection_id), actor=AMIHAN)
        assert run(connection_id).state == "ok"
        assert 200 <= made < counted().ticket == 450


def test_a_sync_that_is_asked_for_while_one_runs_follows_it(naga, connect):
    connection_id = connect(naga)
    naga.script(Fault("broken"))
    asked = []

    def ask(_s):
        with db.transaction():
            asked.append(actions.request_sync(connection_of(connection_id), actor=AMIHAN))

    assert pull(connection_id, sleep=ask) == "ok"

    assert asked == [True]
    assert connection_of(connection_id).next_pull_at <= clock.now()
    assert pull(connection_id) == "ok"
    assert connection_of(connection_id).next_pull_at > clock.now()


def test_an_expired_lease_is_released_and_the_pull_goes_on(connect, run):
    with mynaga_server(records=450, short_pages=False) as naga:
        connection_id = connect(naga)
        run(connection_id, most_pages=1)
        with db.transaction() as session:  # as a worker that was killed leaves it
            session.execute(
                update(Connection).values(
                    lease_token="dead",
                    lease_until=clock.now() - timedelta(seconds=1),
                    next_pull_at=None,
                )
            )
            session.execute(update(Run).values(state="running", ended_at=None))

        tasks.tick()

        dead = last_run(connection_id)
        assert (dead.state, dead.error_kind) == ("failed", "interrupted")
        assert pull(connection_id) == "ok"
        assert counted().ticket == counted().link == 450


def test_after_redis_forgot_everything_the_tick_finds_what_is_due(naga, connect):
    connection_id = connect(naga)
    redis_client().flushall()
    assert _queued() == []

    tasks.tick()

    assert _queued() == [("webapp.sync.tasks.pull_connection", (connection_id, "schedule"))]
    tasks.pull_connection(connection_id)
    redis_client().flushall()
    tasks.tick()
    assert _queued() == []
    make_due(connection_id)
    tasks.tick()
    assert len(_queued()) == 1


def test_a_task_that_was_queued_twice_pulls_once(naga, connect):
    connection_id = connect(naga)

    tasks.pull_connection(connection_id)
    tasks.pull_connection(connection_id)

    db.session().rollback()
    assert len(db.session().scalars(select(Run)).all()) == 1


def test_one_connection_in_trouble_stops_no_other(naga, connect, run):
    with mynaga_server(records=3, seed=9) as other:
        bad = connect(naga, name="Bad")
        well = connect(other, name="Well")
        naga.trouble("down")

        assert run(bad).state == "failed"
        assert run(well).state == "ok"


def test_one_record_has_one_link_and_one_ticket_whatever_happens(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    duplicate = naga.get(link_external())
    naga.script(page_of(duplicate, duplicate, {**duplicate, "version": 9, "category": "Later"}))

    found = run(connection_id)

    assert (found.fetched, found.skipped, found.updated) == (3, 2, 1)
    assert counted().ticket == counted().link == 12


def link_external():
    db.session().rollback()
    return db.session().scalars(select(Link.external_id)).first()


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _expire(connection_id):
    with db.transaction() as session:
        session.execute(
            update(Connection)
            .where(Connection.id == connection_id)
            .values(lease_until=clock.now() - timedelta(seconds=1))
        )


def _runs():
    db.session().rollback()
    return [
        (run.id, run.state, run.fetched, run.ended_at)
        for run in db.session().scalars(select(Run).order_by(Run.id))
    ]


def _queued():
    jobs = rq.Queue("pull", connection=redis_client()).get_jobs()
    return [(job.func_name, job.args) for job in jobs]
