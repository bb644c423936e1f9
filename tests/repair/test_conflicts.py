"""Both sides changed a field and a person is asked: decided once, or whose the field is from now on."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.counting import selects
from tests.fakes.upstreams import Server
from tests.repair.conftest import conflicts, events, link_of, rows, who_decides
from tests.sync.conftest import AMIHAN, ticket_of
from tests.sync.test_push import decide, deliveries, send
from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.sync.connections import access_of
from webapp.sync.models import Connection
from webapp.tickets.actions import update_from_upstream


def disagree(naga: Server, connection_id: int, report: str, run) -> None:
    """Amihan resolves it here while they reroute it there; the mapping says to ask."""
    who_decides(connection_id, "status", "ask")
    run(connection_id)
    decide(report, "resolved")
    naga.edit(report, status="For Rerouting")
    run(connection_id)
    assert [row.decision for row in conflicts()] == [""]


def test_an_open_conflict_shows_both_values_and_who_set_them(admin, naga, pulled, run) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    page = admin.get(f"/connections/{connection_id}/problems").text
    assert all(
        w in page for w in ("Resolved", "For rerouting", "Amihan", "Keep ours", "Take theirs")
    )
    assert ticket_of(report).ref in page


def test_theirs_is_taken_ours_is_cancelled_and_nobody_is_asked_again(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    (row,) = conflicts()
    where = f"/connections/{connection_id}/conflicts/{row.id}"

    assert admin.post(where, data={"keep": "upstream"}).status_code == 303

    assert ticket_of(report).status == "for_rerouting"
    assert link_of(report).base["status"] == "for_rerouting"
    assert {each.state for each in deliveries(report)} == {"cancelled"}
    (row,) = conflicts()
    assert (row.decision, row.decided_by) == ("upstream", "Amihan")
    (fact,) = events("record.field_decided")
    assert (fact.actor_name, fact.data["kept"]) == ("Amihan", "upstream")
    history = admin.get(f"/tickets/{ticket_of(report).ref}").text
    assert "Took the value of Naga" in history
    run(connection_id), send(connection_id)
    assert naga.received == []
    assert len(conflicts()) == 1
    assert admin.post(where, data={"keep": "local"}).status_code == 409


def test_ours_is_kept_and_sent(admin: FlaskClient, naga: Server, pulled, run) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    (row,) = conflicts()
    admin.post(f"/connections/{connection_id}/conflicts/{row.id}", data={"keep": "local"})
    send(connection_id)
    assert naga.get(report)["status"] == "Resolved"
    run(connection_id)
    assert ticket_of(report).status == "resolved"
    assert [each.decision for each in conflicts()] == ["local"]
    assert [call.status for call in naga.received if call.status == 200] == [200]


def test_a_push_that_waits_for_somebody_makes_room_for_the_decision(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    with db.transaction() as session:
        for delivery in session.query(Delivery).filter(Delivery.settled_at.is_(None)):
            delivery.state = "parked"
    (row,) = conflicts()
    admin.post(f"/connections/{connection_id}/conflicts/{row.id}", data={"keep": "local"})
    send(connection_id)
    assert [each.state for each in deliveries(report)] == ["cancelled", "sent"]


def test_a_decision_on_values_that_have_changed_since_is_refused(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    (row,) = conflicts()
    data = {"keep": "upstream", "ours": "resolved", "theirs": "in_progress"}
    where = f"/connections/{connection_id}/conflicts/{row.id}"
    assert admin.post(where, data=data).status_code == 409
    assert admin.post(where, data={"keep": "both"}).status_code == 422
    assert ticket_of(report).status == "resolved"


def test_a_field_that_they_do_not_take_is_kept_here_without_a_push(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    who_decides(connection_id, "category", "ask")
    run(connection_id)
    with db.transaction():
        update_from_upstream(ticket_of(report), values={"category": "Waste"}, actor=AMIHAN)
    naga.edit(report, category="Flooding")
    run(connection_id)
    (row,) = conflicts()
    admin.post(f"/connections/{connection_id}/conflicts/{row.id}", data={"keep": "local"})
    run(connection_id)
    assert ticket_of(report).category == "Waste"
    assert link_of(report).base["category"] == "Flooding"
    assert deliveries() == []
    naga.edit(report, description="More of it")
    run(connection_id)
    assert [each.decision for each in conflicts()] == ["local"]


def test_whose_a_field_is_from_now_on_stands_in_the_mapping(
    admin: FlaskClient, naga: Server, pulled
) -> None:
    connection_id, _report = pulled
    where = f"/connections/{connection_id}/owner"
    assert admin.post(where, data={"field": "category", "owner": "ours"}).status_code == 303
    connection = rows(Connection)[0]
    assert access_of(connection).owners()["category"] == "local"
    assert admin.post(where, data={"field": "category", "owner": "me"}).status_code == 422
    assert admin.post(where, data={"field": "nothing", "owner": "ours"}).status_code == 422


def test_an_agent_may_neither_see_nor_decide(agent: FlaskClient, naga, pulled, run) -> None:
    connection_id, report = pulled
    disagree(naga, connection_id, report, run)
    (row,) = conflicts()
    assert agent.get(f"/connections/{connection_id}/problems").status_code == 403
    where = f"/connections/{connection_id}/conflicts/{row.id}"
    assert agent.post(where, data={"keep": "local"}).status_code == 403
    assert conflicts()[0].decision == ""


def test_more_conflicts_take_no_more_queries(admin: FlaskClient, naga, connect, run) -> None:
    reports = [naga.add(status="Submitted")["id"] for _ in range(5)]
    connection_id = connect(naga)
    who_decides(connection_id, "status", "ask")
    run(connection_id)
    counts = []
    for some in (reports[:1], reports[1:]):
        for report in some:
            decide(report, "resolved")
            naga.edit(report, status="For Rerouting")
        run(connection_id)
        with selects() as asked:
            assert admin.get(f"/connections/{connection_id}/problems").status_code == 200
        counts.append(len(asked))
    assert len(conflicts()) == 5
    assert counts[1] <= counts[0] + 1
