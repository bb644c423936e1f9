"""Records that a complete list leaves out, and what is let go of after a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.conftest import AMIHAN, connection_of, last_run, link_of, ticket_of
from webapp import schedule
from webapp.core import clock, db
from webapp.sync import actions
from webapp.sync.actions.looking import look_for_vanished
from webapp.sync.connectors import registry
from webapp.sync.models import Link, Run
from webapp.sync.pull import vanished


@pytest.fixture
def whole(naga, connect):
    """A connection to an upstream that lists everything each time."""
    since = "incremental: [{kind: updated_since, param: updatedSince, format: iso_z}]"
    text = registry.source("mynaga").replace(since, "incremental: [{kind: full}]")
    connection_id = connect(naga)
    with db.transaction():
        actions.edit_declaration(connection_of(connection_id), text=text, actor=AMIHAN)
    return connection_id


def ids() -> list[str]:
    found = [link.external_id for link in db.session().query(Link).order_by(Link.id)]
    db.session().rollback()
    return found


def test_what_two_lists_leave_out_and_nobody_finds_is_gone(naga, whole, run) -> None:
    run(whole)
    lost = ids()[0]
    naga.remove(lost)

    run(whole)
    assert (link_of(lost).state, link_of(lost).missing_since is None) == ("linked", False)
    run(whole)
    assert (link_of(lost).state, link_of(lost).reread) == ("linked", True)
    run(whole)

    assert link_of(lost).state == "gone"
    assert ticket_of(lost) is not None


def test_a_record_that_is_listed_again_was_never_away(naga, whole, run) -> None:
    run(whole)
    with db.transaction() as session:
        session.query(Link).update({"missing_since": clock.now()})

    run(whole)

    assert vanished.waiting(whole) == 0
    assert link_of(ids()[0]).missing_since is None


def test_when_many_vanish_a_person_is_asked_first(naga, whole, run) -> None:
    run(whole)
    lost = ids()[:5]
    for each in lost:
        naga.remove(each)

    for _ in range(3):
        run(whole)
    assert {link_of(each).state for each in lost} == {"linked"}
    assert vanished.waiting(whole) == 5
    assert "no longer listed" in last_run(whole).warnings[0]

    with db.transaction():
        assert look_for_vanished(connection_of(whole), actor=AMIHAN) == 5
    run(whole)
    assert {link_of(each).state for each in lost} == {"gone"}


def test_the_problems_page_asks(naga, whole, run, people, sign_in) -> None:
    client = sign_in(people.amihan)
    run(whole)
    for each in ids()[:5]:
        naga.remove(each)
    run(whole)

    page = client.get(f"/connections/{whole}/problems").get_data(as_text=True)
    assert "No longer listed" in page
    client.post(f"/connections/{whole}/vanished")

    assert vanished.waiting(whole) == 0


def test_old_payloads_and_empty_runs_are_let_go(naga, connect, run, time_machine) -> None:
    connection_id = connect(naga)
    run(connection_id)
    first = last_run(connection_id).id
    run(connection_id)
    time_machine.move_to(clock.now() + timedelta(days=100))

    found = schedule.prune()

    assert found["payloads"] == 12
    assert found["runs"] == 1
    with db.transaction() as session:
        assert session.get(Run, first) is not None
        assert {link.payload for link in session.query(Link)} == {None}
    assert not any(schedule.prune().values())
    assert run(connection_id).created == 0
