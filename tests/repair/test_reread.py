"""Reading anew, from a day or everything; and stopping a pull at its page."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from tests.fakes.upstreams import Fault, Server
from tests.repair.conftest import events
from tests.sync.conftest import connection_of, counted, ticket_of
from webapp.core import clock, db
from webapp.sync import actions
from webapp.sync.models import EVERYTHING


def long_since(connection_id: int, **ago: int) -> None:
    """The pull has come far: what is older is not listed any more."""
    with db.transaction():
        connection = connection_of(connection_id)
    with db.transaction() as session:
        row = session.get_one(type(connection), connection_id)
        row.watermark = clock.now() + timedelta(days=3)
        row.last_success_at = clock.now()


def test_everything_is_read_again_and_what_was_missed_arrives(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    long_since(connection_id)
    naga.edit(report, category="Flooding")
    assert run(connection_id).fetched == 0
    before, watermark = counted(), connection_of(connection_id).watermark

    answer = admin.post(f"/connections/{connection_id}/reread", data={"whole": "1"})

    assert answer.status_code == 303
    assert connection_of(connection_id).reread_from == EVERYTHING
    assert "Asked for" in admin.get(f"/connections/{connection_id}/settings").text
    found = run(connection_id)
    assert (found.fetched, found.updated, found.created) == (13, 1, 0)
    assert ticket_of(report).category == "Flooding"
    assert counted().ticket == before.ticket
    connection = connection_of(connection_id)
    assert (connection.reread_from, connection.watermark) == (None, watermark)
    assert run(connection_id).fetched == 0
    (fact,) = events("connection.reread_requested")
    assert (fact.actor_name, fact.data["since"]) == ("Amihan", "")


def test_from_a_day_on_it_is_read_again(admin: FlaskClient, naga: Server, pulled, run) -> None:
    connection_id, _ = pulled
    long_since(connection_id)
    day = (clock.now() - timedelta(days=2)).date().isoformat()
    admin.post(f"/connections/{connection_id}/reread", data={"since": day})
    found = run(connection_id)
    assert found.since is not None
    assert found.since.date() <= clock.now().date() - timedelta(days=2)
    assert connection_of(connection_id).reread_from is None


def test_it_never_begins_after_the_ordinary_window(admin, naga: Server, pulled, run) -> None:
    """Else what lies between the two would never be read: the watermark moves with it."""
    connection_id, _ = pulled
    old = clock.now() - timedelta(days=30)
    with db.transaction() as session:
        row = connection_of(connection_id)
    with db.transaction() as session:
        row = session.get_one(type(row), connection_id)
        row.watermark = old
    day = (clock.now() - timedelta(days=2)).date().isoformat()
    admin.post(f"/connections/{connection_id}/reread", data={"since": day})
    assert run(connection_id).since <= old


def test_one_that_fails_is_not_forgotten(admin, naga: Server, pulled, run) -> None:
    connection_id, report = pulled
    long_since(connection_id)
    naga.edit(report, category="Flooding")
    admin.post(f"/connections/{connection_id}/reread", data={"whole": "1"})
    naga.trouble("html")
    assert run(connection_id).state == "failed"
    naga.well()
    assert run(connection_id).fetched == 13
    assert ticket_of(report).category == "Flooding"


def test_one_in_parts_goes_on_where_it_stopped(admin, naga: Server, pulled, run) -> None:
    connection_id, _ = pulled
    for _n in range(250):
        naga.add(status="Submitted")
    run(connection_id)
    long_since(connection_id)
    admin.post(f"/connections/{connection_id}/reread", data={"whole": "1"})
    first = run(connection_id, most_pages=1)
    assert first.state == "partial"
    rest = run(connection_id)
    assert (rest.state, first.fetched + rest.fetched) == ("ok", 263)


def test_a_paused_connection_reads_anew_when_it_is_resumed(admin, naga, pulled, run) -> None:
    connection_id, _ = pulled
    long_since(connection_id)
    admin.post(f"/connections/{connection_id}/pause")
    answer = admin.post(
        f"/connections/{connection_id}/reread", data={"whole": "1"}, follow_redirects=True
    )
    assert "as soon as the connection is resumed" in answer.text
    assert connection_of(connection_id).next_pull_at is None
    admin.post(f"/connections/{connection_id}/resume")
    assert run(connection_id).fetched == 13


def test_a_day_that_is_none_or_to_come_is_refused(admin, naga, pulled) -> None:
    connection_id, _ = pulled
    for since in ("", "soon", "2999-01-01", "1000-01-01"):
        answer = admin.post(f"/connections/{connection_id}/reread", data={"since": since})
        assert answer.status_code == 422
        assert 'id="r-since-error"' in answer.text
    assert connection_of(connection_id).reread_from is None


def test_pausing_stops_a_pull_after_its_page(admin, naga: Server, pulled, run) -> None:
    connection_id, _ = pulled
    for _n in range(450):
        naga.add(status="Submitted")
    admin.post(f"/connections/{connection_id}/reread", data={"whole": "1"})
    asked = 0

    def pause_there(_seconds: float) -> None:
        nonlocal asked
        asked += 1
        with db.transaction():
            actions.pause(connection_of(connection_id), actor=connection_of(connection_id).actor)

    naga.script(Fault("unavailable", retry_after=None))
    from tests.sync.conftest import last_run, make_due
    from webapp.sync.pull.loop import pull

    make_due(connection_id)
    assert pull(connection_id, sleep=pause_there) == "cancelled"
    assert asked == 1
    assert last_run(connection_id).fetched == 0
    assert connection_of(connection_id).state == "paused"
