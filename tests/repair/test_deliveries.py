"""Deliveries: filters, edit and retry, and many at once after a preview on a fixed list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.admin.test_outbox import delivery, shown
from tests.counting import selects
from tests.fakes.upstreams import Fault, Server
from tests.repair.conftest import confirm, events, rows
from tests.sync.test_push import decide, deliveries, send
from webapp.bulk import actions as bulk
from webapp.bulk import tasks as bulk_tasks
from webapp.bulk.models import Bulk, BulkItem
from webapp.core import clock, db
from webapp.outbox.models import Delivery


def state_of(row: Delivery) -> str:
    return rows(Delivery, Delivery.id == row.id)[0].state


def test_words_and_days_narrow_the_list(admin: FlaskClient) -> None:
    old = delivery(lane="ticket:1", created_at=clock.now() - timedelta(days=10))
    new = delivery(lane="ticket:2")
    day = (clock.now() - timedelta(days=5)).date().isoformat()
    assert shown(admin.get(f"/outbox?since={day}").text, old, new) == [False, True]
    assert shown(admin.get(f"/outbox?until={day}").text, old, new) == [True, False]
    assert shown(admin.get("/outbox?text=TICKET:1").text, old, new) == [True, False]
    assert shown(admin.get("/outbox?text=%25").text, old, new) == [False, False]
    assert admin.get("/outbox?since=soon&until=9999-12-31&text=%00").status_code == 200


def test_a_connections_own_list_has_the_same_filters(admin, naga: Server, pulled) -> None:
    connection_id, report = pulled
    decide(report, "resolved")
    other = delivery(lane="ticket:2")
    (push,) = deliveries(report)
    where = f"/connections/{connection_id}/deliveries"
    assert shown(admin.get(where).text, push, other) == [True, False]
    assert shown(admin.get(f"{where}?state=sent").text, push, other) == [False, False]
    assert shown(admin.get(f"{where}?target=mail").text, push, other) == [True, False]


def test_a_refused_push_is_edited_and_sent_under_a_new_key(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    naga.script(Fault("answer", method="PATCH", status=422, body="{}"))
    decide(report, "resolved")
    send(connection_id)
    (row,) = deliveries(report)
    key = row.idempotency_key
    page = admin.get(f"/outbox/{row.id}").text
    assert "Change and send" in page
    answer = admin.post(f"/outbox/{row.id}/edit", data={"status": "in_progress"})
    assert answer.status_code == 303
    send(connection_id)
    (row,) = deliveries(report)
    assert (row.state, row.revision, row.payload["status"]) == ("sent", 2, "in_progress")
    assert row.idempotency_key != key
    assert naga.get(report)["status"] == "In Progress"
    (fact,) = events("delivery.edited")
    assert fact.data["changes"] == {"status": ["resolved", "in_progress"]}
    run(connection_id), send(connection_id)  # the ticket's own status is another one: it follows
    assert naga.get(report)["status"] == "Resolved"


def test_an_edited_push_that_was_only_held_sends_what_was_typed(
    admin: FlaskClient, naga: Server, pulled
) -> None:
    connection_id, report = pulled
    decide(report, "resolved")
    (row,) = deliveries(report)
    with db.transaction() as session:
        session.get_one(Delivery, row.id).state = "held"
    admin.post(f"/outbox/{row.id}/edit", data={"status": "closed"})
    send(connection_id)
    assert naga.get(report)["status"] == "Closed"


def test_a_mails_address_is_corrected_and_does_not_stand_in_the_trail(admin: FlaskClient) -> None:
    row = delivery("parked")
    data = {"to_address": "rosa@example.org", "to_name": "Rosa"}
    assert admin.post(f"/outbox/{row.id}/edit", data={"to_address": "rosa"}).status_code == 422
    assert admin.post(f"/outbox/{row.id}/edit", data=data).status_code == 303
    (stored,) = rows(Delivery, Delivery.id == row.id)
    assert (stored.payload["to_address"], stored.revision) == ("rosa@example.org", 2)
    assert "rosa" not in str(events("delivery.edited")[0].data).lower()


def test_what_is_settled_or_on_its_way_cannot_be_edited(admin: FlaskClient) -> None:
    for state in ("sent", "sending", "pending"):
        row = delivery(state, settled_at=clock.now() if state == "sent" else None)
        data = {"to_address": "rosa@example.org"}
        assert admin.post(f"/outbox/{row.id}/edit", data=data).status_code == 409
        assert "Change and send" not in admin.get(f"/outbox/{row.id}").text


def test_a_preview_says_how_many_and_why_others_are_left_out(admin: FlaskClient) -> None:
    parked = [delivery("parked", lane=f"ticket:{n}") for n in range(3)]
    sent = delivery("sent", lane="ticket:8", settled_at=clock.now())
    sending = delivery("sending", lane="ticket:9")
    ids = [row.id for row in (*parked, sent, sending)]
    page = admin.post("/outbox/many", data={"do": "retry", "ids": ids}, follow_redirects=True).text
    assert "3 deliveries would be sent." in page
    assert "1 is left out: it has arrived" in page
    assert "1 is left out: it is being sent right now" in page
    assert {state_of(row) for row in parked} == {"parked"}


def test_retry_all_since_takes_the_list_as_it_was_at_the_preview(admin: FlaskClient) -> None:
    old = delivery("parked", lane="ticket:1", created_at=clock.now() - timedelta(days=10))
    new = delivery("parked", lane="ticket:2")
    day = (clock.now() - timedelta(days=5)).date().isoformat()
    data = {"do": "retry", "which": "all", "state": "parked", "since": day}
    answer = admin.post("/outbox/many", data=data)
    later = delivery("parked", lane="ticket:3")
    confirm(admin, answer)
    assert [state_of(row) for row in (old, new, later)] == ["parked", "pending", "parked"]
    assert [each.actor_name for each in events("delivery.retried")] == ["Amihan"]


def test_cancelling_many_needs_a_reason_that_each_keeps(admin: FlaskClient) -> None:
    made = [delivery("parked", lane=f"ticket:{n}") for n in range(2)]
    data = {"do": "cancel", "ids": [row.id for row in made]}
    where = admin.post("/outbox/many", data=data).headers["Location"]
    assert admin.post(f"{where}/start", data={"reason": " "}).status_code == 422
    assert admin.post(f"{where}/start", data={"reason": "The desk moved"}).status_code == 303
    assert {state_of(row) for row in made} == {"cancelled"}
    assert {each.data["reason"] for each in events("delivery.cancelled")} == {"The desk moved"}
    assert admin.post(f"{where}/start", data={"reason": "again"}).status_code == 409
    assert "2 deliveries are cancelled." in admin.get(where).text


def test_many_are_done_in_the_background_and_a_dead_worker_loses_none(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BATCH", 3)
    made = [delivery("parked", lane=f"ticket:{n}") for n in range(7)]
    data = {"do": "retry", "which": "all", "state": "parked"}
    where = admin.post("/outbox/many", data=data).headers["Location"]
    admin.post(f"{where}/start")
    assert {state_of(row) for row in made} == {"parked"}
    number = int(where.rsplit("/", 1)[1])
    with db.transaction():
        assert bulk.do_batch(number) is True  # and then the worker dies
    assert "3 of 7" in admin.get(where).text
    bulk_tasks.go_on(number)
    assert {state_of(row) for row in made} == {"pending"}
    assert len(events("delivery.retried")) == 7
    assert rows(Bulk)[0].state == "done"


def test_one_that_was_settled_meanwhile_is_left_as_it_is(admin: FlaskClient) -> None:
    row = delivery("parked")
    answer = admin.post("/outbox/many", data={"do": "retry", "ids": [row.id]})
    with db.transaction() as session:
        stored = session.get_one(Delivery, row.id)
        stored.state, stored.settled_at = "sent", clock.now()
    confirm(admin, answer)
    page = admin.get(answer.headers["Location"]).text
    assert "1 was left as it is" in page
    assert state_of(row) == "sent"


def test_nothing_ticked_is_said_and_odd_input_is_refused(admin: FlaskClient) -> None:
    answer = admin.post("/outbox/many", data={"do": "retry", "back": "/outbox"})
    assert answer.headers["Location"] == "/outbox"
    assert admin.post("/outbox/many", data={"do": "burn", "which": "all"}).status_code == 422
    away = {"do": "retry", "which": "all", "back": "//evil.example"}
    admin.post("/outbox/many", data=away)
    assert rows(Bulk)[0].back == "/outbox"
    assert admin.get("/many/4711").status_code == 404


def test_an_agent_may_do_none_of_it(agent: FlaskClient) -> None:
    row = delivery("parked")
    assert agent.post("/outbox/many", data={"do": "retry", "ids": [row.id]}).status_code == 403
    assert (
        agent.post(f"/outbox/{row.id}/edit", data={"to_address": "a@b.example"}).status_code == 403
    )
    assert agent.get("/many/1").status_code == 403
    assert agent.post("/many/1/start").status_code == 403
    assert rows(BulkItem) == []


def test_a_long_list_takes_few_queries(admin: FlaskClient) -> None:
    for n in range(60):
        delivery("parked", lane=f"ticket:{n}")
    data = {"do": "retry", "which": "all", "state": "parked"}
    with selects() as asked:
        where = admin.post("/outbox/many", data=data).headers["Location"]
    assert len(asked) <= 8
    with selects() as asked:
        admin.get(where)
    assert len(asked) <= 12
