"""Records that are gone upstream: looked for again, or unlinked. And what could not be read: left out, with a reason."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fakes.upstreams import Server
from tests.repair.conftest import events, link_of, rows
from tests.sync.conftest import ticket_of
from tests.sync.test_push import decide, deliveries, send
from webapp.bulk.models import Bulk
from webapp.bulk.tasks import go_on
from webapp.core import db
from webapp.sync.actions import problems
from webapp.sync.models import Link, Quarantine
from webapp.tickets.models import Ticket


def lose(naga: Server, connection_id: int, report: str) -> dict:
    """It vanishes there; a push finds out."""
    kept = dict(naga.get(report))
    naga.remove(report)
    decide(report, "resolved")
    send(connection_id)
    assert link_of(report).state == "gone"
    return kept


def test_a_record_that_is_gone_is_listed_with_its_ticket(admin, naga, pulled) -> None:
    connection_id, report = pulled
    assert (
        "Every linked record is still there"
        in admin.get(f"/connections/{connection_id}/problems").text
    )
    lose(naga, connection_id, report)
    page = admin.get(f"/connections/{connection_id}/problems").text
    assert f"missing-{link_of(report).id}" in page
    assert ticket_of(report).ref in page
    assert "Look again" in page


def test_a_record_that_came_back_is_found_when_somebody_looks_again(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    kept = lose(naga, connection_id, report)
    naga.add(id=report, status="Submitted", description=kept["description"])
    where = f"/connections/{connection_id}/missing/{link_of(report).id}"

    assert admin.post(where, data={"do": "look"}).status_code == 303
    run(connection_id)

    assert link_of(report).state == "linked"
    assert [each.actor_name for each in events("record.asked_again")] == ["Amihan"]


def test_one_that_stays_away_is_asked_for_once(admin, naga, pulled, run) -> None:
    connection_id, report = pulled
    lose(naga, connection_id, report)
    link_id = link_of(report).id
    admin.post(f"/connections/{connection_id}/missing/{link_id}", data={"do": "look"})
    run(connection_id)
    assert (link_of(report).state, link_of(report).reread) == ("gone", False)
    calls = [call for call in naga.calls if report in call.path]
    run(connection_id)
    assert [call for call in naga.calls if report in call.path] == calls


def test_an_unlinked_ticket_goes_on_as_ours_and_sends_nothing(
    admin: FlaskClient, naga: Server, pulled, run
) -> None:
    connection_id, report = pulled
    lose(naga, connection_id, report)
    link_id, ref = link_of(report).id, ticket_of(report).ref
    where = f"/connections/{connection_id}/missing/{link_id}"
    assert admin.post(where, data={"do": "unlink"}).status_code == 303
    assert rows(Link, Link.id == link_id) == []
    assert [each.state for each in rows_of_pushes()] == ["cancelled"]
    assert [row.ref for row in rows(Ticket, Ticket.ref == ref)] == [ref]
    assert events("record.unlinked")[0].data["external_id"] == report
    decide(report, "closed")
    assert len(rows_of_pushes()) == 1
    assert admin.post(where, data={"do": "unlink"}).status_code == 404


def rows_of_pushes() -> list:
    return deliveries()


def test_one_that_is_still_there_cannot_be_unlinked(admin, pulled) -> None:
    connection_id, report = pulled
    where = f"/connections/{connection_id}/missing/{link_of(report).id}"
    assert admin.post(where, data={"do": "unlink"}).status_code == 409


def test_an_agent_may_not_unlink(agent: FlaskClient, naga, pulled) -> None:
    connection_id, report = pulled
    lose(naga, connection_id, report)
    where = f"/connections/{connection_id}/missing/{link_of(report).id}"
    assert agent.post(where, data={"do": "unlink"}).status_code == 403
    assert link_of(report).state == "gone"


def test_leaving_a_record_out_keeps_the_reason(admin: FlaskClient, naga, connect, run) -> None:
    naga.add(id="NAGA-BAD", description={"oddly": "not a text"})
    connection_id = connect(naga)
    run(connection_id)
    (bad,) = rows(Quarantine)
    where = f"/connections/{connection_id}/quarantine/{bad.id}"
    admin.post(where, data={"do": "ignore", "reason": "A test of theirs"})
    (bad,) = rows(Quarantine)
    assert (bad.state, bad.note, bad.decided_by) == ("ignored", "A test of theirs", "Amihan")
    assert "A test of theirs" in admin.get(f"/connections/{connection_id}/problems").text
    assert events("connection.quarantine_ignored")[0].data["reason"] == "A test of theirs"


def test_one_that_was_left_out_can_be_taken_in_after_all(
    admin: FlaskClient, naga, connect, run
) -> None:
    naga.add(id="NAGA-BAD", description={"oddly": "not a text"})
    connection_id = connect(naga)
    run(connection_id)
    (bad,) = rows(Quarantine)
    where = f"/connections/{connection_id}/quarantine/{bad.id}"
    admin.post(where, data={"do": "ignore", "reason": "A test of theirs"})
    page = admin.get(f"/connections/{connection_id}/problems").text
    assert "Take NAGA-BAD in after all" in page
    # From a page that is out of date: it says so, and nothing changes.
    assert admin.post(where, data={"do": "retry"}).status_code == 409
    assert admin.post(where, data={"do": "ignore", "reason": "Again"}).status_code == 409
    assert rows(Quarantine)[0].note == "A test of theirs"
    assert admin.post(where + "0", data={"do": "retry"}).status_code == 404

    with db.transaction() as session:
        entry = session.get_one(Quarantine, bad.id)
        entry.payload = {**entry.payload, "description": "A text by now"}
    assert admin.post(where, data={"do": "readmit"}).status_code == 303
    assert rows(Quarantine)[0].state == "solved"
    assert ticket_of("NAGA-BAD").description == "A text by now"


def test_many_tickets_follow_a_mapped_value_in_the_background(
    admin: FlaskClient, naga: Server, pulled, run, monkeypatch
) -> None:
    connection_id, _ = pulled
    monkeypatch.setattr(problems, "AT_ONCE", 3)
    reports = [naga.add(status="Under Review")["id"] for _ in range(7)]
    run(connection_id)
    calls = len(naga.calls)
    data = {"field": "status", "upstream": "Under Review", "local": "in_progress"}
    answer = admin.post(f"/connections/{connection_id}/map", data=data)
    assert "/many/" in answer.headers["Location"]
    (bulk,) = rows(Bulk)
    go_on(bulk.id)
    assert {ticket_of(each).status for each in reports} == {"in_progress"}
    assert len(naga.calls) == calls
    assert "7 records were read again" in admin.get(answer.headers["Location"]).text


def test_many_bad_records_are_read_again_in_the_background(
    admin: FlaskClient, naga: Server, connect, run
) -> None:
    connection_id = connect(naga)
    run(connection_id)
    raw = dict(naga.get(db.session().scalars(select(Link.external_id)).first()))
    with db.transaction() as session:
        for n in range(60):
            session.add(
                Quarantine(
                    connection_id=connection_id,
                    external_id=f"NAGA-Q-{n}",
                    payload={**raw, "id": f"NAGA-Q-{n}"}
                    if n
                    else {"id": "NAGA-Q-0", "description": {"no": "text"}},
                    reason="odd",
                    first_seen_at=bad_time(),
                    last_seen_at=bad_time(),
                )
            )
    answer = admin.post(f"/connections/{connection_id}/quarantine")
    (bulk,) = rows(Bulk)
    go_on(bulk.id)
    assert len(rows(Quarantine, Quarantine.state == "solved")) == 59
    assert "59 records were read again" in admin.get(answer.headers["Location"]).text


def bad_time():
    from webapp.core import clock

    return clock.now()
