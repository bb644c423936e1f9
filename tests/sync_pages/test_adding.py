"""Connections → New: choose, test (nothing is saved), save. The secret stays where it was typed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server
from webapp.events.models import Event
from webapp.sync.models import Connection, ConnectionSecret
from webapp.sync.tokens import read

HTMX = {"HX-Request": "true"}


def form(naga: Server, **values: str) -> dict[str, str]:
    return {
        "kind": "mynaga",
        "name": "Naga City",
        "base_url": naga.url,
        "secret": naga.token,
        "allow_http": "1",
        "timezone": "Asia/Manila",
        "interval_minutes": "10",
        "push_enabled": "1",
    } | values


def connections(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Connection)) or 0


def test_the_kinds_are_offered_and_each_asks_what_it_needs(admin: FlaskClient) -> None:
    page = admin.get("/connections/new").text
    assert all(f"kind={kind}" in page for kind in ("mynaga", "open311"))
    assert "/connections/new/blank" in page
    assert 'name="base_url"' not in page
    page = admin.get("/connections/new?kind=open311").text
    assert 'name="option_jurisdiction_id"' in page
    assert "Auth token" in admin.get("/connections/new?kind=mynaga").text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_test_tells_whose_token_it_is_and_shows_a_record_beside_its_ticket(
    admin: FlaskClient, naga: Server, session: Session, headers: dict[str, str]
) -> None:
    answer = admin.post("/connections/test", data=form(naga), headers=headers)
    assert answer.status_code == 200
    assert "Naga City Demo Desk" in answer.text
    assert "reports:read, reports:write" in answer.text
    assert "&#34;control" in answer.text or "NAGA-" in answer.text
    assert 'id="test-ticket"' in answer.text
    assert connections(session) == 0
    assert naga.token not in answer.text


def test_a_plain_test_keeps_what_was_typed_but_the_secret(admin: FlaskClient, naga: Server) -> None:
    page = admin.post(
        "/connections/test", data=form(naga, name="My own name", interval_minutes="30")
    ).text
    assert 'value="My own name"' in page
    assert '<option value="30" selected>' in page
    assert naga.token not in page


@pytest.mark.parametrize(
    ("mode", "says", "advises"),
    [
        ("down", "could not be reached", "firewall"),
        ("revoked", "revoked", "Paste a new one"),
        ("limited", "slow down (429)", "waits"),
        ("broken", "internal problem (500)", "their side"),
        ("unavailable", "internal problem (503)", "their side"),
        ("html", "a web page instead of data", "base address"),
        ("redirect", "redirects", "final address"),
        ("huge", "larger than allowed", "page size"),
    ],
)
def test_each_failure_says_what_it_is_and_what_to_do(
    admin: FlaskClient, naga: Server, mode: str, says: str, advises: str
) -> None:
    naga.trouble(mode)
    page = admin.post("/connections/test", data=form(naga), headers=HTMX).text
    assert says in page
    assert advises in page
    assert naga.token not in page


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"secret": "no-such-token-at-all"}, "does not know this token"),
        ({"secret": "mynaga-demo-expired-11d8"}, "token has expired"),
        ({"secret": "mynaga-demo-nothing-90be"}, "lacks"),
        ({"base_url": "http://127.0.0.1:9"}, "could not be reached"),
        ({"base_url": "http://10.1.2.3"}, "must not call"),
        ({"base_url": "http://169.254.169.254/latest"}, "must not call"),
        ({"base_url": "http://no-such-host.invalid"}, "No such host"),
        ({"base_url": "nonsense"}, "address"),
        ({"base_url": "ftp://example.org"}, "address"),
    ],
)
def test_a_wrong_token_or_address_is_told_in_its_own_words(
    admin: FlaskClient, naga: Server, values: dict[str, str], says: str
) -> None:
    page = admin.post("/connections/test", data=form(naga, **values), headers=HTMX)
    assert page.status_code == 200
    assert says in page.text


def test_plain_http_needs_its_tick(admin: FlaskClient, naga: Server) -> None:
    values = form(naga)
    del values["allow_http"]
    page = admin.post("/connections/test", data=values, headers=HTMX).text
    assert "https" in page
    assert naga.calls == []


def test_a_token_that_may_only_read_is_told_before_anything_is_saved(
    admin: FlaskClient, naga: Server
) -> None:
    values = form(naga, secret="mynaga-demo-reader-52c1")
    page = admin.post("/connections/test", data=values, headers=HTMX).text
    assert "The connection works" in page
    assert "reports:write" in page
    assert "cannot be sent back" in page


def test_saving_seals_the_token_and_begins_the_first_sync(
    admin: FlaskClient, naga: Server, session: Session
) -> None:
    answer = admin.post("/connections", data=form(naga))
    saved = session.scalars(select(Connection)).one()
    assert (answer.status_code, answer.location) == (303, f"/connections/{saved.id}")
    assert (saved.name, saved.interval_minutes, saved.push_enabled) == ("Naga City", 10, True)
    assert (saved.account, saved.shape) == ("Naga City Demo Desk", "contract")
    assert saved.next_pull_at is not None
    assert read(saved) == naga.token
    stored = session.scalars(select(ConnectionSecret)).one()
    assert naga.token not in stored.sealed
    assert stored.last4 == naga.token[-4:]


def test_the_token_is_on_no_page_and_in_no_event(
    admin: FlaskClient, naga: Server, session: Session
) -> None:
    home = admin.post("/connections", data=form(naga)).location
    for tab in ("", "/runs", "/deliveries", "/problems", "/mapping", "/settings", "/panel"):
        page = admin.get(home + tab)
        assert page.status_code == 200, tab
        assert naga.token not in page.text
    assert all(naga.token not in str(event.data) for event in session.scalars(select(Event)))
    assert naga.token not in admin.get("/audit").text


def test_a_failing_test_stops_the_save_until_one_insists(
    admin: FlaskClient, naga: Server, session: Session
) -> None:
    naga.trouble("down")
    answer = admin.post("/connections", data=form(naga))
    assert (answer.status_code, connections(session)) == (422, 0)
    assert "Save although the test failed" in answer.text
    assert admin.post("/connections", data=form(naga, untested="1")).status_code == 303
    assert connections(session) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"base_url": ""}, "base_url"),
        ({"interval_minutes": "7"}, "interval_minutes"),
        ({"interval_minutes": "often"}, "interval_minutes"),
    ],
)
def test_a_wrong_field_is_marked_and_the_rest_is_kept(
    admin: FlaskClient, naga: Server, session: Session, values: dict[str, str], field: str
) -> None:
    answer = admin.post("/connections", data=form(naga, **values))
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert connections(session) == 0


def test_two_connections_cannot_have_one_name(admin: FlaskClient, naga: Server) -> None:
    admin.post("/connections", data=form(naga))
    answer = admin.post("/connections", data=form(naga))
    assert answer.status_code == 422
    assert "Another connection has this name." in answer.text


def test_an_unknown_kind_is_not_found(admin: FlaskClient, naga: Server) -> None:
    assert admin.post("/connections/test", data=form(naga, kind="../x")).status_code == 404
