"""Comparing with a real MyNaga over HTTP, and repairing either way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.counting import selects
from tests.fakes.upstreams import Fault, Server
from tests.repair.conftest import compared, confirm, drift, events, link_of, rows
from tests.sync.conftest import AMIHAN, connection_of, counted, ticket_of
from tests.sync.test_push import decide, deliveries, send
from webapp.core import clock, db
from webapp.outbox.models import Delivery
from webapp.sync import actions as sync_actions
from webapp.sync.models import Link
from webapp.sync.reconcile import actions, tasks
from webapp.sync.reconcile.models import Comparison
from webapp.sync.reconcile.walking import compare
from webapp.tickets.actions import update_from_upstream


def begin(connection_id: int, extent: str = "all") -> Comparison:
    with db.transaction():
        actions.begin(connection_of(connection_id), extent=extent, actor=AMIHAN)
    return compared(connection_id)


def forget(report: str, **values: str) -> None:
    """Both sides drift apart without a trace: as a bug or a restored backup would do it."""
    with db.transaction():
        update_from_upstream(ticket_of(report), values=values, actor=AMIHAN)


def test_sides_that_agree_show_no_difference_and_nothing_is_written(naga, pulled) -> None:
    connection_id, _ = pulled
    before = counted()
    found = begin(connection_id)
    assert (found.state, found.compared, found.same) == ("done", 13, 13)
    assert drift() == []
    after = counted()
    assert (after.ticket, after.link, after.delivery) == (before.ticket, before.link, 0)
    assert [each.data["drift"] for each in events("connection.reconciled")] == [0]


def test_a_field_that_differs_is_listed_with_all_three_values(
    admin: FlaskClient, naga: Server, pulled
) -> None:
    connection_id, report = pulled
    forget(report, category="Waste")
    begin(connection_id)
    (row,) = drift()
    assert (row.field, row.ours, row.theirs, row.base) == (
        "category",
        "Waste",
        "Garbage",
        "Garbage",
    )
    assert (row.moved, row.link_id) == ("ours", link_of(report).id)
    page = admin.get(f"/connections/{connection_id}/reconcile").text
    assert all(word in page for word in ("Waste", "Garbage", "Category", "1 difference"))


def test_theirs_is_taken_after_a_preview(admin: FlaskClient, naga: Server, pulled, run) -> None:
    connection_id, report = pulled
    forget(report, category="Waste")
    found = begin(connection_id)
    (row,) = drift()
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    page = confirm(admin, admin.post(where, data={"how": "drift.take", "ids": [row.id]}))
    assert "Their value would be taken 1 time." in page
    assert ticket_of(report).category == "Garbage"
    assert [(each.state, each.decided_by) for each in drift()] == [("taken", "Amihan")]
    assert begin(connection_id).same == 13
    before = counted()
    run(connection_id)
    assert counted() == before


def test_our_status_is_sent_and_a_field_they_do_not_take_is_left_out(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    decide(report, "resolved")
    with db.transaction() as session:
        session.query(Delivery).delete()  # the push is lost, say by a restored backup
    forget(report, category="Waste")
    found = begin(connection_id)
    assert {row.field for row in drift()} == {"status", "category"}
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    page = confirm(admin, admin.post(where, data={"how": "drift.push", "which": "all"}))
    assert "Our value would be kept 1 time, and sent." in page
    assert "1 is left out: the system takes no change of this field from us" in page
    send(connection_id)
    assert naga.get(report)["status"] == "Resolved"
    assert [each.state for each in deliveries(report)] == ["sent"]
    assert {row.field: row.state for row in drift()} == {"status": "kept", "category": "open"}


def test_ours_is_sent_of_any_field_that_they_take(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    forget(report, refined_category="Sinkhole")
    with db.transaction() as session:
        session.query(Delivery).delete()  # the push is lost
    found = begin(connection_id)
    assert [(row.field, row.ours, row.moved) for row in drift()] == [
        ("refined_category", "Sinkhole", "ours")
    ]
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    page = confirm(admin, admin.post(where, data={"how": "drift.push", "which": "all"}))
    assert "Our value would be kept 1 time, and sent." in page
    send(connection_id)
    assert naga.get(report)["refinedCategory"] == "Sinkhole"
    (delivery,) = deliveries(report)
    assert (delivery.kind, delivery.state) == ("refined_category", "sent")
    assert [row.state for row in drift()] == ["kept"]


def test_a_value_that_changed_since_the_comparison_is_left_alone(
    admin: FlaskClient, naga: Server, pulled
) -> None:
    connection_id, report = pulled
    forget(report, category="Waste")
    found = begin(connection_id)
    forget(report, category="Sewage")
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    answer = admin.post(where, data={"how": "drift.take", "which": "all"})
    confirm(admin, answer)
    assert ticket_of(report).category == "Sewage"
    assert [row.state for row in drift()] == ["open"]
    page = admin.get(answer.headers["Location"]).text
    assert "our value has changed since the comparison" in page


def test_a_record_that_is_missing_there_is_marked_as_gone(admin, naga: Server, pulled) -> None:
    connection_id, report = pulled
    naga.remove(report)
    found = begin(connection_id)
    (row,) = drift()
    assert (row.kind, row.external_id, link_of(report).state) == ("missing_there", report, "linked")
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    confirm(admin, admin.post(where, data={"how": "drift.gone", "which": "all"}))
    assert link_of(report).state == "gone"
    assert f"missing-{row.link_id}" in admin.get(f"/connections/{connection_id}/problems").text


def test_a_record_that_is_missing_here_becomes_a_ticket(admin, naga: Server, pulled, run) -> None:
    connection_id, _ = pulled
    report = naga.add(status="Submitted", category="Lights")["id"]
    found = begin(connection_id)
    (row,) = drift()
    assert (row.kind, row.external_id) == ("missing_here", report)
    assert "The record" in admin.get(f"/connections/{connection_id}/reconcile").text
    where = f"/connections/{connection_id}/reconcile/{found.id}/repair"
    confirm(admin, admin.post(where, data={"how": "drift.bring", "which": "all"}))
    assert ticket_of(report).category == "Lights"
    assert len(events("connection.record_repaired")) == 1
    run(connection_id)
    assert len(rows(Link, Link.external_id == report)) == 1


def test_open_records_alone_are_asked_for_by_their_ids(naga: Server, pulled) -> None:
    connection_id, report = pulled
    forget(report, category="Waste")
    with db.transaction() as session:
        for link in session.query(Link).filter(Link.external_id != report):
            link.upstream_open = False
    calls = len(naga.calls)
    found = begin(connection_id, extent="open")
    assert (found.compared, [row.external_id for row in drift()]) == (1, [report])
    assert all(report in f"{call.path}?{call.query}" for call in naga.calls[calls:])


def test_it_goes_on_after_a_stumble_and_a_dead_worker_and_counts_nothing_twice(
    naga: Server, pulled
) -> None:
    connection_id, report = pulled
    for n in range(250):
        naga.add(status="Submitted", category=f"C{n}")
    forget(report, category="Waste")
    with db.transaction():
        number = actions.begin(connection_of(connection_id), extent="all", actor=AMIHAN).id
    compare(number, sleep=lambda _s: None, turn_s=0.0)  # one batch, then others get their turn
    assert rows(Comparison)[0].phase == "list"
    naga.script(Fault("unavailable", retry_after=None))
    assert compare(number, sleep=lambda _s: None) is False
    (row,) = rows(Comparison)
    assert (row.state, row.stumbles) == ("running", 1)
    with db.transaction() as session:  # a worker died with it
        held = session.get_one(Comparison, number)
        held.lease_token, held.lease_until = "dead", clock.now() + timedelta(seconds=60)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        with db.transaction():
            assert list(actions.due()) == [number]
        while compare(number, sleep=lambda _s: None):
            pass
    (row,) = rows(Comparison)
    assert (row.state, row.compared) == ("done", 13)
    kinds = [each.kind for each in drift()]
    assert (kinds.count("field"), kinds.count("missing_here")) == (1, 250)
    assert len({each.external_id for each in drift()}) == 251


def test_a_refused_token_ends_it_with_the_reason(admin, naga: Server, pulled) -> None:
    connection_id, _ = pulled
    naga.trouble("revoked")
    found = begin(connection_id)
    assert found.state == "failed"
    assert "revoked" in found.error
    assert "It did not come to its end" in admin.get(f"/connections/{connection_id}/reconcile").text


def test_it_is_begun_and_stopped_on_its_page(admin: FlaskClient, naga: Server, pulled) -> None:
    connection_id, _ = pulled
    where = f"/connections/{connection_id}/reconcile"
    assert "Never compared" in admin.get(where).text
    assert admin.post(where, data={"extent": "all"}).status_code == 303
    assert admin.post(where, data={"extent": "all"}).status_code == 409
    assert "Stop it" in admin.get(where).text
    assert admin.post(f"{where}/stop").status_code == 303
    (row,) = rows(Comparison)
    assert (row.state, row.started_by) == ("stopped", "Amihan")
    assert compare(row.id, sleep=lambda _s: None) is False
    assert [each.actor_name for each in events("connection.reconcile_started")] == ["Amihan"]
    assert len(events("connection.reconcile_stopped")) == 1


def test_a_paused_connection_is_not_compared_until_it_is_resumed(naga: Server, pulled) -> None:
    connection_id, _ = pulled
    with db.transaction():
        number = actions.begin(connection_of(connection_id), extent="all", actor=AMIHAN).id
    with db.transaction():
        sync_actions.pause(connection_of(connection_id), actor=AMIHAN)
    calls = len(naga.calls)
    assert compare(number) is False
    assert len(naga.calls) == calls
    with db.transaction():
        sync_actions.resume(connection_of(connection_id), actor=AMIHAN)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        compare(number, sleep=lambda _s: None)
    assert rows(Comparison)[0].state == "done"


def test_open_records_are_compared_every_week_by_themselves(naga: Server, pulled) -> None:
    connection_id, _ = pulled
    tasks.begin_due()
    assert rows(Comparison) == []
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        tasks.begin_due()
        tasks.begin_due()
        assert [(row.extent, row.started_by) for row in rows(Comparison)] == [("open", "Tulay")]
        compared(connection_id)
        tasks.begin_due()
        assert len(rows(Comparison)) == 1


@pytest.mark.parametrize("path", ["reconcile", "reconcile/stop", "reconcile/1/repair", "reread"])
def test_an_agent_may_not(agent: FlaskClient, pulled, path: str) -> None:
    connection_id, _ = pulled
    data = {"how": "drift.take", "which": "all", "whole": "1"}
    assert agent.post(f"/connections/{connection_id}/{path}", data=data).status_code == 403
    assert agent.get(f"/connections/{connection_id}/reconcile").status_code == 403


def test_more_differences_take_no_more_queries(admin: FlaskClient, naga: Server, pulled) -> None:
    connection_id, _ = pulled
    where = f"/connections/{connection_id}/reconcile"
    counts = []
    for number in (1, 30):
        for n in range(number):
            naga.add(status="Submitted", category=f"C{number}-{n}")
        begin(connection_id)
        with selects() as asked:
            assert admin.get(where).status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1


def test_filters_narrow_and_an_odd_one_does_not_break(admin: FlaskClient, naga, pulled) -> None:
    connection_id, report = pulled
    forget(report, category="Waste")
    naga.add(status="Submitted")
    begin(connection_id)
    where = f"/connections/{connection_id}/reconcile"
    assert admin.get(where).text.count('name="ids"') == 2
    assert admin.get(f"{where}?kind=field&field=category").text.count('name="ids"') == 1
    assert admin.get(f"{where}?moved=theirs").text.count('name="ids"') == 0
    assert admin.get(f"{where}?state=repaired").text.count('name="ids"') == 0
    assert admin.get(f"{where}?kind=%00&field=%27&after=x&comparison=4711").status_code == 404
