"""Any field that a push call carries goes back to a real MyNaga over HTTP, each concern in deliveries of its own."""

import copy

import pytest
import yaml
from sqlalchemy import select

from tests.fakes.upstreams import Fault
from tests.sync.conftest import AMIHAN, connection_of, counted, link_of, seeing, ticket_of
from tests.sync.test_push import decide, deliveries, event_types, send
from webapp.core import db
from webapp.core.errors import Invalid
from webapp.outbox import editing
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import parse
from webapp.sync.models import Conflict, Connection
from webapp.sync.push.editing import read_values
from webapp.sync.push.queueing import pushed_fields
from webapp.tickets.actions import refine_category, update_from_upstream

REFINED = "refined_category"


def refine(external_id, words):
    """Amihan says more exactly what it is about."""
    with db.transaction():
        refine_category(ticket_of(external_id), refined=words, actor=AMIHAN)


def refined_there(naga, external_id):
    return naga.get(external_id)["refinedCategory"]


def conflicts():
    return seeing().scalars(select(Conflict).order_by(Conflict.id)).all()


@pytest.fixture
def pulled(naga, connect, run):
    report = naga.add(status="Submitted", refinedCategory="Hole")
    connection_id = connect(naga)
    assert run(connection_id).state == "ok"
    return connection_id, report["id"]


def test_a_refined_category_arrives_there_once_and_stands_in_the_history(naga, pulled):
    connection_id, report = pulled

    refine(report, "Pothole")
    send(connection_id)

    assert refined_there(naga, report) == "Pothole"
    assert naga.get(report)["status"] == "Submitted", "nothing else was sent"
    (delivery,) = deliveries(report)
    assert (delivery.kind, delivery.state) == (REFINED, "sent")
    assert naga.received[-1].body == {"refinedCategory": "Pothole"}
    assert link_of(report).base[REFINED] == "Pothole"
    assert link_of(report).sent_values == {}
    assert event_types(report)[-2:] == ["ticket.edited", "record.pushed"]


def test_it_coming_back_changes_nothing(naga, pulled, run):
    connection_id, report = pulled
    refine(report, "Pothole")
    send(connection_id)
    before = counted()

    for _ in range(3):
        again = run(connection_id)
        assert (again.updated, again.created, again.quarantined) == (0, 0, 0)

    assert counted() == before
    assert len(naga.received) == 1


def test_emptying_it_is_sent_as_well(naga, pulled):
    connection_id, report = pulled
    refine(report, "")
    send(connection_id)
    assert refined_there(naga, report) == ""
    assert deliveries(report)[0].state == "sent"


def test_what_came_from_there_and_what_no_call_carries_is_not_sent(naga, pulled, run):
    connection_id, report = pulled
    naga.edit(report, refinedCategory="Crater")
    assert run(connection_id).updated == 1
    with db.transaction():
        update_from_upstream(ticket_of(report), values={"place": "Zone 9"}, actor=AMIHAN)

    assert ticket_of(report).refined_category == "Crater"
    assert deliveries() == []


def test_a_lost_answer_is_confirmed_by_reading_and_never_applied_twice(naga, pulled):
    connection_id, report = pulled
    naga.script(Fault("lost", method="PATCH"))
    refine(report, "Pothole")

    send(connection_id)
    assert deliveries(report)[0].state == "retrying"
    send(connection_id)

    (delivery,) = deliveries(report)
    assert (delivery.state, delivery.answer["how"]) == ("sent", "confirmed by reading")
    assert len(naga.received) == 1


def test_a_lost_answer_seen_by_a_pull_is_an_echo_and_no_conflict(naga, pulled, run):
    connection_id, report = pulled
    naga.script(Fault("lost", method="PATCH"))
    refine(report, "Pothole")
    send(connection_id)
    refine(report, "Sinkhole")  # before anybody knew whether the first had arrived

    run(connection_id)
    send(connection_id)
    send(connection_id)

    assert conflicts() == []
    assert ticket_of(report).refined_category == refined_there(naga, report) == "Sinkhole"


def test_both_sides_changed_it_a_person_is_asked_with_both_values_and_nothing_leaves(
    naga, pulled, run
):
    connection_id, report = pulled
    naga.edit(report, refinedCategory="Crater")
    refine(report, "Pothole")

    run(connection_id)
    send(connection_id)

    (conflict,) = conflicts()
    assert (conflict.field, conflict.base) == (REFINED, "Hole")
    assert (conflict.local, conflict.upstream, conflict.decision) == ("Pothole", "Crater", "")
    assert deliveries(report)[0].state == "held"
    assert (ticket_of(report).refined_category, refined_there(naga, report)) == (
        "Pothole",
        "Crater",
    )


@pytest.mark.parametrize(("keep", "words"), [("local", "Pothole"), ("upstream", "Crater")])
def test_what_the_person_decides_holds_on_both_sides(naga, pulled, run, keep, words):
    connection_id, report = pulled
    naga.edit(report, refinedCategory="Crater")
    refine(report, "Pothole")
    run(connection_id)

    with db.transaction():
        actions.decide_conflict(
            connection_of(connection_id), conflict_id=conflicts()[0].id, keep=keep, actor=AMIHAN
        )
    send(connection_id)
    run(connection_id)
    send(connection_id)

    assert ticket_of(report).refined_category == refined_there(naga, report) == words
    assert link_of(report).base[REFINED] == words
    assert {each.state for each in deliveries(report)} <= {"sent", "cancelled"}
    assert all(each.decision for each in conflicts())


def test_a_change_of_another_field_there_is_no_reason_to_ask(naga, pulled):
    connection_id, report = pulled
    naga.edit(report, status="In Progress")  # so that our version is an old one
    refine(report, "Pothole")
    send(connection_id)
    assert refined_there(naga, report) == "Pothole"
    assert naga.get(report)["status"] == "In Progress"
    assert conflicts() == []


def test_changes_of_one_concern_become_one_and_those_of_two_never_do(naga, pulled):
    connection_id, report = pulled
    refine(report, "Pothole")
    refine(report, "Sinkhole")
    decide(report, "in_progress")
    refine(report, "Crack")
    decide(report, "resolved")

    send(connection_id)

    kinds = [(each.kind, each.state) for each in deliveries(report)]
    assert kinds == [
        (REFINED, "superseded"),
        (REFINED, "sent"),
        ("status", "sent"),
        (REFINED, "sent"),
        ("status", "sent"),
    ]
    bodies = [call.body for call in naga.received]
    assert bodies[0] == {"refinedCategory": "Crack"}, "as it is when it leaves"
    assert bodies[1] == {"status": "Resolved"}
    assert len(bodies) == 2, "what they have already is not sent again"


def declaration(**call):
    found = copy.deepcopy(yaml.safe_load(registry.source("mynaga")))
    found["shapes"][0]["push"][REFINED] |= call
    return yaml.safe_dump(found)


def test_a_call_may_say_that_each_change_goes_its_own_way(naga, pulled):
    connection_id, report = pulled
    with db.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        connection.declaration = yaml.safe_load(declaration(coalesce=False))
    refine(report, "Pothole")
    refine(report, "Sinkhole")
    assert [each.state for each in deliveries(report)] == ["pending", "pending"]
    send(connection_id)
    assert {each.state for each in deliveries(report)} == {"sent"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["stauts"], "pushes stauts"),
        (["status"], "both carry status"),
    ],
)
def test_a_call_that_carries_what_is_none_or_what_another_carries_is_refused(fields, said):
    with pytest.raises(Invalid) as refused:
        parse(declaration(fields=fields))
    assert said in refused.value.message


def test_a_value_lost_on_the_way_goes_out_with_the_next_pull(naga, pulled, run):
    connection_id, report = pulled
    with db.transaction() as session:
        session.get_one(Connection, connection_id).push_enabled = False
    refine(report, "Pothole")
    assert deliveries() == []
    with db.transaction() as session:
        session.get_one(Connection, connection_id).push_enabled = True
    naga.edit(report, description="Wider than a tricycle.")

    run(connection_id)
    send(connection_id)

    assert refined_there(naga, report) == "Pothole"


def test_a_person_may_send_another_value_and_only_one_that_fits(naga, pulled):
    connection_id, report = pulled
    with db.transaction() as session:
        session.get_one(Connection, connection_id).state = "paused"
    refine(report, "Pothole")
    send(connection_id)
    (delivery,) = deliveries(report)
    assert delivery.state == "held"
    values = read_values(delivery, {REFINED: "  Wide   pothole ", "status": "closed"})
    assert values == {REFINED: "Wide pothole"}
    with db.transaction() as session:
        editing.edit_and_retry(delivery.id, values=values, actor=AMIHAN)
        session.get_one(Connection, connection_id).state = "active"

    send(connection_id)

    assert refined_there(naga, report) == "Wide pothole"
    assert naga.get(report)["status"] == "Submitted"


def test_a_status_of_a_delivery_can_only_be_changed_to_one_of_ours(naga, pulled):
    _, report = pulled
    decide(report, "resolved")
    (delivery,) = deliveries(report)
    with pytest.raises(Invalid) as refused:
        read_values(delivery, {"status": "lost"})
    assert "status" in refused.value.fields


def test_an_upstream_that_takes_statuses_alone_gets_nothing_else(city, connect, run):
    connection_id = connect(city, kind="open311", name="City")
    assert run(connection_id).state == "ok"
    assert set(pushed_fields(connection_of(connection_id))) == {"status"}
    ticket = db.session().scalars(select(Delivery)).all()
    assert ticket == []
