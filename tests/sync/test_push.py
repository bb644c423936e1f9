"""Our status going back to a real MyNaga over HTTP."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.fakes.upstreams import Fault
from tests.sync.conftest import (
    AMIHAN,
    assert_in_no_row,
    connection_of,
    counted,
    link_of,
    seeing,
    ticket_of,
)
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.outbox import actions as outbox
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.models import Conflict, Connection
from webapp.tickets.actions import change_status

HELD = "held"


def decide(external_id, status):
    """Amihan changes the status here."""
    with db.transaction():
        change_status(ticket_of(external_id), status=status, actor=AMIHAN)


def deliveries(external_id=None):
    pushes = select(Delivery).where(Delivery.channel == "push").order_by(Delivery.id)
    found = seeing().scalars(pushes).all()
    if external_id is not None:
        lane = f"link:{link_of(external_id).id}"
        found = [each for each in found if each.lane == lane]
    return found


def hurry():
    """What waits for its next try is due now."""
    with db.transaction() as session:
        for delivery in session.scalars(select(Delivery).where(Delivery.settled_at.is_(None))):
            if delivery.state != "parked":
                delivery.not_before = clock.now() - timedelta(seconds=1)


def send(connection_id):
    hurry()
    deliver.drain(f"connection:{connection_id}")
    db.session().rollback()


def event_types(external_id):
    ticket = ticket_of(external_id)
    rows = db.session().scalars(
        select(Event.type)
        .where(Event.subject_kind == "ticket", Event.subject_id == ticket.id)
        .order_by(Event.id)
    )
    return list(rows)


@pytest.fixture
def pulled(naga, connect, run):
    """A connection with twelve tickets, and the id of one that is submitted."""
    report = naga.add(status="Submitted")
    connection_id = connect(naga)
    assert run(connection_id).state == "ok"
    return connection_id, report["id"]


def test_a_status_set_here_arrives_there_once(naga, pulled):
    connection_id, report = pulled

    decide(report, "resolved")
    send(connection_id)

    assert naga.get(report)["status"] == "Resolved"
    (delivery,) = deliveries(report)
    assert (delivery.state, delivery.attempt_count) == ("sent", 1)
    assert [call.status for call in naga.received] == [200]
    assert "record.pushed" in event_types(report)
    assert link_of(report).base["status"] == "resolved"
    assert link_of(report).upstream_version == str(naga.get(report)["version"])
    assert link_of(report).sent_values == {}


def test_our_own_push_coming_back_changes_nothing(naga, pulled, run):
    connection_id, report = pulled
    decide(report, "resolved")
    send(connection_id)
    before = counted()

    for _ in range(3):
        again = run(connection_id)
        assert (again.updated, again.created, again.quarantined) == (0, 0, 0)

    assert counted() == before
    assert len(naga.received) == 1
    assert ticket_of(report).status == "resolved"


def test_a_change_that_came_from_there_is_not_sent_back(naga, pulled, run):
    connection_id, report = pulled
    naga.edit(report, status="In Progress")

    assert run(connection_id).updated == 1

    assert ticket_of(report).status == "in_progress"
    assert deliveries() == []


def test_a_lost_answer_is_confirmed_by_reading_and_never_applied_twice(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("lost", method="PATCH"))
    decide(report, "resolved")

    send(connection_id)
    assert deliveries(report)[0].state == "retrying"
    send(connection_id)

    (delivery,) = deliveries(report)
    assert delivery.state == "sent"
    assert delivery.answer["how"] == "confirmed by reading"
    assert len(naga.received) == 1
    assert naga.get(report)["status"] == "Resolved"


@pytest.mark.parametrize("pages", [1, 2, 4])
def test_a_sign_in_page_in_place_of_an_answer_is_no_success(naga, pulled, pages):
    connection_id, report = pulled
    naga.script(*[Fault("html")] * pages)
    decide(report, "resolved")

    send(connection_id)

    (delivery,) = deliveries(report)
    assert delivery.state == "retrying"
    assert naga.get(report)["status"] != "Resolved"
    for _ in range(4):
        send(connection_id)
    assert deliveries(report)[0].state == "sent"
    assert naga.get(report)["status"] == "Resolved"


def test_a_pull_after_a_lost_answer_settles_the_push(naga, pulled, run):
    connection_id, report = pulled
    naga.script(Fault("lost", method="PATCH"))
    decide(report, "resolved")
    send(connection_id)

    run(connection_id)
    send(connection_id)

    assert deliveries(report)[0].state == "sent"
    assert len(naga.received) == 1


def test_a_failing_upstream_is_tried_again_and_nothing_is_lost(naga, pulled):
    connection_id, report = pulled
    naga.script(
        Fault("broken", method="PATCH"), Fault("unavailable", method="PATCH", retry_after=None)
    )
    decide(report, "closed")

    for _ in range(3):
        with db.transaction() as session:
            session.get_one(Connection, connection_id).not_before = None
        send(connection_id)

    (delivery,) = deliveries(report)
    assert delivery.state == "sent"
    assert naga.get(report)["status"] == "Closed"
    assert len([c for c in naga.received if c.status == 200]) == 1


def test_untried_changes_of_one_ticket_become_one_push(naga, pulled):
    connection_id, report = pulled
    for status in ("in_progress", "for_rerouting", "resolved"):
        decide(report, status)

    send(connection_id)

    assert [each.state for each in deliveries(report)] == ["superseded", "superseded", "sent"]
    assert [call.body["status"] for call in naga.received] == ["Resolved"]


def test_a_change_made_while_one_is_retried_goes_out_after_it(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("broken", method="PATCH"))
    decide(report, "in_progress")
    send(connection_id)
    decide(report, "resolved")

    send(connection_id)
    send(connection_id)

    assert [each.state for each in deliveries(report)] == ["sent", "sent"]
    assert [c.body["status"] for c in naga.received] == ["In Progress", "Resolved"]
    assert naga.get(report)["status"] == "Resolved"


def test_going_back_before_anything_was_sent_sends_nothing(naga, pulled):
    connection_id, report = pulled
    decide(report, "resolved")
    decide(report, "open")

    send(connection_id)

    assert naga.received == []
    assert [each.state for each in deliveries(report)] == ["superseded", "sent"]
    assert "record.pushed" in event_types(report)


def test_a_version_that_moved_on_is_read_again_and_the_push_repeated(naga, pulled, run):
    connection_id, report = pulled
    naga.edit(report, category="Flooding")  # their version grows, the status stays
    decide(report, "resolved")

    send(connection_id)

    assert [call.status for call in naga.received] == [409, 200]
    assert deliveries(report)[0].state == "sent"
    assert db.session().scalars(select(Conflict)).all() == []
    assert run(connection_id).updated == 1
    assert ticket_of(report).category == "Flooding"
    assert ticket_of(report).status == "resolved"


def test_when_both_sides_changed_the_status_ours_wins_and_theirs_is_kept_as_a_conflict(
    naga, pulled, run
):
    connection_id, report = pulled
    decide(report, "resolved")
    naga.edit(report, status="For Rerouting")

    run(connection_id)
    send(connection_id)
    run(connection_id)

    assert ticket_of(report).status == "resolved"
    assert naga.get(report)["status"] == "Resolved"
    (conflict,) = db.session().scalars(select(Conflict)).all()
    assert (conflict.local, conflict.upstream, conflict.decision) == (
        "resolved",
        "for_rerouting",
        "local",
    )


def test_a_refused_value_is_parked_and_blocks_only_its_own_lane(naga, pulled, run):
    connection_id, report = pulled
    other = naga.add(status="Submitted")["id"]
    run(connection_id)
    naga.script(
        Fault(
            "answer",
            method="PATCH",
            path=f"/api/v1/reports/{report}",
            status=422,
            body='{"error": {"code": "invalid"}}',
        )
    )
    decide(report, "resolved")
    send(connection_id)
    decide(report, "closed")
    decide(other, "for_rerouting")
    send(connection_id)

    assert [each.state for each in deliveries(report)] == ["parked", "pending"]
    assert deliveries(other)[0].state == "sent"
    assert "record.push_parked" in event_types(report)


def test_a_parked_push_that_is_retried_by_hand_arrives(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("answer", method="PATCH", status=422, body="{}"))
    decide(report, "resolved")
    send(connection_id)

    with db.transaction():
        outbox.retry_now(deliveries(report)[0].id, actor=AMIHAN)
    send(connection_id)

    assert deliveries(report)[0].state == "sent"
    assert naga.get(report)["status"] == "Resolved"


def test_a_revoked_token_pauses_the_connection_and_burns_no_attempt(naga, pulled):
    connection_id, report = pulled
    naga.trouble("revoked")
    decide(report, "resolved")
    send(connection_id)

    (delivery,) = deliveries(report)
    assert (delivery.state, delivery.attempt_count) == ("held", 0)
    assert connection_of(connection_id).state == "auth_error"
    assert "revoked" in connection_of(connection_id).reason

    naga.well()
    with db.transaction():
        actions.replace_secret(connection_of(connection_id), secret=naga.token, actor=AMIHAN)
    send(connection_id)

    assert connection_of(connection_id).state == "active"
    assert deliveries(report)[0].state == "sent"


def test_too_many_requests_holds_the_whole_connection(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("limited", method="PATCH", retry_after="120"))
    decide(report, "resolved")
    send(connection_id)

    until = connection_of(connection_id).not_before
    assert until is not None
    assert timedelta(seconds=100) < until - clock.now() <= timedelta(seconds=120)
    calls = len(naga.calls)
    send(connection_id)
    assert len(naga.calls) == calls
    assert deliveries(report)[0].state == "held"


def test_a_record_that_is_gone_there_is_parked_and_marked(naga, pulled):
    connection_id, report = pulled
    naga.remove(report)
    decide(report, "resolved")
    send(connection_id)

    assert deliveries(report)[0].state == "parked"
    assert link_of(report).state == "gone"


def test_a_paused_connection_sends_nothing_until_it_is_resumed(naga, pulled):
    connection_id, report = pulled
    with db.transaction():
        actions.pause(connection_of(connection_id), actor=AMIHAN)
    decide(report, "resolved")
    send(connection_id)
    assert naga.received == []
    assert deliveries(report)[0].state == HELD

    with db.transaction():
        actions.resume(connection_of(connection_id), actor=AMIHAN)
    send(connection_id)
    assert deliveries(report)[0].state == "sent"


def test_a_cancelled_push_is_not_brought_back_by_a_pull(naga, pulled, run):
    connection_id, report = pulled
    decide(report, "resolved")
    with db.transaction():
        outbox.cancel(deliveries(report)[0].id, reason="a mistake", actor=AMIHAN)
    naga.edit(report, status="In Progress")

    run(connection_id)
    send(connection_id)

    assert naga.received == []
    assert ticket_of(report).status == "resolved"  # ours, and the conflict says what theirs is
    assert len(db.session().scalars(select(Conflict)).all()) == 1


def test_nothing_is_queued_where_sending_is_switched_off(naga, connect, run):
    report = naga.add(status="Submitted")
    connection_id = connect(naga, push_enabled=False)
    run(connection_id)

    decide(report["id"], "resolved")

    assert deliveries() == []


def test_the_token_is_in_no_row_of_the_database(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("broken", method="PATCH"))
    decide(report, "resolved")
    send(connection_id)
    send(connection_id)

    assert_in_no_row(naga.token)
