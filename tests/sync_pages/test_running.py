"""A connection's pages: what they say, Sync now, Pause, Resume, problems, settings, token."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from tests.counting import selects
from tests.fakes.upstreams import Server
from tests.sync_pages.conftest import Connect
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.outbox.models import Delivery
from webapp.sync.models import Connection, Link, Quarantine, Run, ValueMap
from webapp.sync.pull.loop import pull
from webapp.sync.tokens import current, read
from webapp.tickets.models import Ticket

HTMX = {"HX-Request": "true"}


def pull_again(connection: Connection) -> None:
    session, number = object_session(connection), connection.id
    assert session is not None
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        pull(number, trigger="schedule")
    session.add(connection)  # the pull worked with a session of its own


def events(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.type == kind)))


def test_the_list_says_how_each_connection_is(admin: FlaskClient, connect: Connect) -> None:
    connect()
    page = admin.get("/connections").text
    assert "Naga" in page
    assert "Ready" in page
    assert "6 created" in page
    assert "Unencrypted" in page


def test_an_empty_list_says_the_next_step(admin: FlaskClient) -> None:
    page = admin.get("/connections").text
    assert "No system is connected yet" in page
    assert "/connections/new" in page


def test_the_counters_of_a_run_add_up(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    run = session.scalars(select(Run)).one()
    parts = (run.created, run.updated, run.unchanged, run.deferred, run.skipped, run.quarantined)
    assert run.fetched == sum(parts) == 6
    page = admin.get(f"/connections/{connection.id}/runs").text
    assert f'id="run-{run.id}"' in page
    assert "6 records fetched" in admin.get(f"/connections/{connection.id}").text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_sync_now_is_asked_for_once_and_recorded(
    admin: FlaskClient, connect: Connect, session: Session, headers: dict[str, str]
) -> None:
    connection = connect()
    answer = admin.post(f"/connections/{connection.id}/sync", headers=headers)
    assert answer.status_code == (200 if headers else 303)
    session.refresh(connection)
    assert connection.next_pull_at is not None
    assert connection.next_pull_at <= clock.now()
    assert [event.actor_name for event in events(session, "connection.sync_requested")] == [
        "Amihan"
    ]


def test_pause_and_resume_change_the_buttons_at_once(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    answer = admin.post(f"/connections/{connection.id}/pause", headers=HTMX).text
    assert "/resume" in answer
    # Every tab has the buttons, only the overview has the panel: what is swapped is what is always there.
    assert answer.lstrip().startswith('<div id="connection-actions"')
    assert 'hx-target="#connection-panel"' in answer
    assert "Paused: stopped by Amihan" in answer
    assert admin.post(f"/connections/{connection.id}/sync").status_code == 409
    answer = admin.post(f"/connections/{connection.id}/resume", headers=HTMX).text
    assert "/pause" in answer
    assert (
        len(events(session, "connection.paused")) == len(events(session, "connection.resumed")) == 1
    )


@pytest.mark.parametrize(
    ("mode", "says"), [("revoked", "Paused"), ("html", "a web page instead of data")]
)
def test_a_failed_run_says_why_and_what_to_do(
    admin: FlaskClient, connect: Connect, naga: Server, mode: str, says: str
) -> None:
    connection = connect()
    naga.trouble(mode)
    pull_again(connection)
    overview = admin.get(f"/connections/{connection.id}").text
    assert says in overview
    runs = admin.get(f"/connections/{connection.id}/runs").text
    assert "Failed" in runs
    assert "base address" in runs or "Paste a new one" in runs
    assert "Naga" in admin.get("/home/attention").text


def test_a_value_nobody_mapped_is_listed_and_mapping_it_moves_its_tickets(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    ticket = session.scalars(select(Ticket)).first()
    assert ticket is not None
    naga.edit(ticket.control_number, status="Under Review")
    pull_again(connection)
    page = admin.get(f"/connections/{connection.id}/problems").text
    assert "Under Review" in page
    value = session.scalars(select(ValueMap).where(ValueMap.local.is_(None))).one()
    data = {"field": value.field, "upstream": value.upstream, "local": "in_progress"}
    assert admin.post(f"/connections/{connection.id}/map", data=data).status_code == 303
    assert session.get_one(Ticket, ticket.id, populate_existing=True).status == "in_progress"
    assert f"unmapped-{value.id}" not in admin.get(f"/connections/{connection.id}/problems").text
    assert "this desk" in admin.get(f"/connections/{connection.id}/mapping").text


def test_a_value_cannot_be_mapped_to_something_that_is_no_status(
    admin: FlaskClient, connect: Connect
) -> None:
    connection = connect()
    data = {"field": "status", "upstream": "Odd", "local": "dancing"}
    assert admin.post(f"/connections/{connection.id}/map", data=data).status_code == 422


def test_a_record_that_cannot_be_read_shows_its_reason_and_payload_without_secrets(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    naga.add(id="NAGA-BAD", description={"oddly": "not a text"}, api_key="hush-hush-hush")
    connection = connect()
    bad = session.scalars(select(Quarantine)).one()
    page = admin.get(f"/connections/{connection.id}/problems").text
    assert "NAGA-BAD" in page
    assert "not a text" in page
    assert "hush-hush" not in page
    again = f"/connections/{connection.id}/quarantine/{bad.id}"
    admin.post(again, data={"do": "retry"})
    session.refresh(bad)
    assert bad.state == "open"
    assert admin.post(again, data={"do": "ignore"}).status_code == 422  # without saying why
    admin.post(again, data={"do": "ignore", "reason": "A test of theirs"})
    session.refresh(bad)
    assert bad.state == "ignored"
    assert [event.actor_name for event in events(session, "connection.quarantine_retried")] == [
        "Amihan"
    ]
    assert len(events(session, "connection.quarantine_ignored")) == 1
    assert admin.post(again, data={"do": "burn"}).status_code == 422
    assert admin.post(f"/connections/{connection.id}/quarantine").status_code == 303


def test_the_mapping_names_every_field_and_value_of_the_declaration(
    admin: FlaskClient, connect: Connect
) -> None:
    page = admin.get(f"/connections/{connect(pulled=False).id}/mapping").text
    assert all(
        word in page for word in ("reporterPhone", "refinedCategory", "For Rerouting", "Barangay")
    )


def settings(connection: Connection, **values: str) -> dict[str, str]:
    return {
        "name": connection.name,
        "base_url": connection.base_url,
        "interval_minutes": str(connection.interval_minutes),
        "push_enabled": "1",
        "allow_http": "1",
        "timezone": "Asia/Manila",
    } | values


def test_settings_are_saved_and_each_change_is_recorded(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    data = settings(connection, name="Naga two", interval_minutes="60")
    assert admin.post(f"/connections/{connection.id}/settings", data=data).status_code == 303
    session.refresh(connection)
    assert (connection.name, connection.interval_minutes) == ("Naga two", 60)
    changes = events(session, "connection.edited")[-1].data["changes"]
    assert changes["name"] == ["Naga", "Naga two"]


def test_a_time_zone_that_is_none_is_refused(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    data = settings(connection, timezone="Mars/Olympus")
    answer = admin.post(f"/connections/{connection.id}/settings", data=data)
    assert answer.status_code == 422
    assert "Choose a time zone of the list." in answer.text
    session.refresh(connection)
    assert connection.options.get("timezone") != "Mars/Olympus"


@pytest.mark.parametrize(
    "path",
    ["runs?before={n}", "deliveries?before={n}", "problems?after={n}", "reconcile?after={n}"],
)
def test_a_number_that_no_row_can_have_does_not_break_a_list(
    admin: FlaskClient, connect: Connect, path: str
) -> None:
    connection = connect()
    here = f"/connections/{connection.id}/" + path.format(n="9" * 25)
    assert admin.get(here).status_code == 200


def test_a_number_that_no_row_can_have_leads_nowhere(admin: FlaskClient) -> None:
    assert admin.get("/connections/" + "9" * 25).status_code == 404
    assert admin.get("/outbox/" + "9" * 25).status_code == 404


def test_a_change_that_needs_somebody_is_said_on_every_page_about_the_connection(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    link = session.scalars(select(Link)).first()
    assert link is not None
    with db.transaction():
        parked = Delivery(
            channel="push", target=connection.target, lane=f"link:{link.id}", kind="status",
            subject_kind="ticket", subject_id=link.local_id, summary="Status of a ticket",
            payload={"link_id": link.id, "status": "resolved"}, state="parked", key="a-key",
            created_at=clock.now(), not_before=clock.now(),
        )  # fmt: skip
        db.session().add(parked)
    page = admin.get(f"/connections/{connection.id}").text
    assert "Degraded: 1 problem" in page
    assert "See the change that needs you" in page
    assert "none: everything is sent" not in page
    assert "Under Deliveries" in admin.get("/connections").text


def test_another_host_needs_the_token_again(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    data = settings(connection, base_url="http://127.0.0.2:8000")
    answer = admin.post(f"/connections/{connection.id}/settings", data=data)
    assert answer.status_code == 422
    assert 'id="f-secret-error"' in answer.text
    session.refresh(connection)
    assert connection.base_url == naga.url


def test_only_a_token_that_works_replaces_the_old_one(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    where = f"/connections/{connection.id}/token"
    answer = admin.post(where, data={"secret": "no-such-token-at-all"})
    assert (answer.status_code, read(connection)) == (422, naga.token)
    assert "no-such-token" not in answer.text
    assert admin.post(where, data={"secret": "mynaga-demo-reader-52c1"}).status_code == 303
    assert read(connection) == "mynaga-demo-reader-52c1"
    stored = current(connection.id)
    assert stored is not None
    assert (stored.last4, stored.created_by) == ("52c1", "Amihan")
    assert connection.account.startswith("Barangay Observer")


def test_a_saved_connection_can_be_tested_with_its_stored_token(
    admin: FlaskClient, connect: Connect, naga: Server
) -> None:
    connection = connect()
    where = f"/connections/{connection.id}/test"
    assert "Naga City Demo Desk" in admin.post(where, headers=HTMX).text
    naga.trouble("revoked")
    assert "revoked" in admin.post(where).text


@pytest.mark.parametrize(
    "tab", ["", "/runs", "/deliveries", "/problems", "/mapping", "/settings", "/panel"]
)
def test_a_connection_that_is_not_there_is_not_found(admin: FlaskClient, tab: str) -> None:
    assert admin.get(f"/connections/4711{tab}").status_code == 404


@pytest.mark.parametrize("path", ["/connections", "/", "/health"])
def test_more_connections_take_no_more_queries(
    admin: FlaskClient, connect: Connect, path: str
) -> None:
    connect(pulled=False, name="first")
    with selects() as one:
        assert admin.get(path).status_code == 200
    for number in range(4):
        connect(pulled=False, name=f"more {number}")
    with selects() as five:
        admin.get(path)
    assert len(five) <= len(one) + 1
    assert len(five) <= 30  # the bell's and what is overdue among them
