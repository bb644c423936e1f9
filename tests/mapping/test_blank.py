"""A system that nobody has declared: a sample, a proposal, a test, a dry run, a pull. No line of code."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server
from tests.mapping.forms import form_of
from tests.mapping.issues_server import TOKEN, Issues, issue, issues_server
from tests.sync_pages.test_adding import HTMX, connections
from webapp.sync.mapping.models import MappingJob
from webapp.sync.mapping.working import run_job
from webapp.sync.models import Connection
from webapp.sync.pull.loop import pull
from webapp.tickets.models import Ticket

NEW = "/connections/new/blank"
PATH = "/repos/city/desk/issues?state=all&per_page=10&since=2026-01-01T00:00:00Z"


@pytest.fixture
def issues() -> Iterator[Issues]:
    with issues_server(records=25) as server:
        yield server


def first_form(issues: Issues, **values: str) -> dict[str, str]:
    return {
        "kind": "blank", "name": "City issues", "base_url": issues.url, "allow_http": "1", "auth_kind": "bearer",
        "secret": TOKEN, "sample_path": PATH, "timezone": "UTC", "interval_minutes": "5",
    } | values  # fmt: skip


def test_a_real_shape_is_connected_from_its_address_alone(
    admin: FlaskClient, issues: Issues, session: Session
) -> None:
    page = admin.post(NEW + "/propose", data=first_form(issues)).text
    assert TOKEN not in page
    form = form_of(page, secret=TOKEN)
    assert [
        form[f"a__{name}"]
        for name in ("paging__0__kind", "paging__0__size", "incremental__0__param")
    ] == [
        "link",
        "10",
        "since",
    ]
    assert (form["title__from"], form["reporter_name__from"]) == ("title", "user.login")
    assert "Of 10 records: 10 would be new" in page
    form["a__id"], form["a__one"] = "number", "/repos/city/desk/issues/{id}"
    tested = admin.post(NEW + "/test", data=form, headers=HTMX).text
    assert "The connection works" in tested
    assert connections(session) == 0
    form["dry_run"] = "1"
    answer = admin.post(NEW, data=form)
    assert answer.status_code == 303
    session.rollback()
    connection = session.scalars(select(Connection)).one()
    number = connection.id
    assert (connection.kind, connection.state) == ("blank", "paused")
    run_job(session.scalars(select(MappingJob.id)).one())
    assert "Would create 25" in admin.get(f"/connections/{number}/mapping").text
    admin.post(f"/connections/{number}/resume")
    assert pull(number, trigger="manual") == "ok"
    session.rollback()
    tickets = session.scalars(select(Ticket).order_by(Ticket.id)).all()
    assert len(tickets) == 25
    five = next(each for each in tickets if each.control_number == "5")
    assert (five.title, five.status) == ("Street light 5 is out", "closed")
    issues.issues[0] |= issue(1, title="It burns again", updated_at="2026-11-21T00:00:00Z")
    with_since = len(issues.calls)
    connection = session.get_one(Connection, number)
    admin.post(f"/connections/{number}/sync")
    assert pull(number, trigger="manual") == "ok"
    session.rollback()
    assert "It burns again" in session.scalars(select(Ticket.title)).all()
    assert any("since" in query for _path, query in issues.calls[with_since:])


def test_a_pasted_sample_does_as_well(admin: FlaskClient, issues: Issues) -> None:
    text = json.dumps({"items": [issue(1), issue(2)]})
    part = admin.post(
        NEW + "/propose", data=first_form(issues, sample_text=text, secret=""), headers=HTMX
    ).text
    assert part.lstrip().startswith('<div id="proposal"')
    assert "Of 2 records: 2 would be new" in part
    assert issues.calls == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"sample_text": '{"a":\n [1,,2]}'}, "look at line 2"),
        ({"sample_text": "<a><b></a>"}, "neither as JSON nor as XML"),
        ({"sample_text": '{"message": "hello"}'}, "no list of records"),
        ({"sample_path": "issues"}, "begins with /"),
        ({"secret": "wrong"}, "(401)"),
        ({"base_url": "http://169.254.169.254"}, "169.254.169.254"),
        ({"allow_http": ""}, "https"),
        ({"auth_kind": "header"}, "Name the header"),
    ],
)
def test_what_is_wrong_with_a_sample_is_said(
    admin: FlaskClient, issues: Issues, changed: dict[str, str], says: str
) -> None:
    for headers in ({}, HTMX):
        answer = admin.post(NEW + "/propose", data=first_form(issues, **changed), headers=headers)
        assert says in answer.text
        assert answer.status_code == (200 if headers else 422)


def test_rows_are_added_and_the_preview_follows(admin: FlaskClient, issues: Issues) -> None:
    form = form_of(admin.post(NEW + "/propose", data=first_form(issues)).text, title__from="body")
    page = admin.post(NEW + "/edit?do=add:barangay", data=form).text
    assert "barangay" in form_of(page).getlist("rows")
    assert form_of(page)["title__from"] == "body"
    form["title__from"] = "a..b"
    shown = admin.post(NEW + "/preview", data=form, headers=HTMX).text
    assert "Not yet right" in shown
    assert admin.post(NEW, data=form).status_code == 422


def test_one_that_fails_its_test_is_saved_only_on_demand(
    admin: FlaskClient, issues: Issues, session: Session
) -> None:
    form = form_of(admin.post(NEW + "/propose", data=first_form(issues)).text, secret="wrong")
    answer = admin.post(NEW, data=form)
    assert answer.status_code == 422
    assert 'name="untested"' in answer.text
    assert connections(session) == 0
    form["untested"] = "1"
    assert admin.post(NEW, data=form).status_code == 303


def test_agents_have_no_business_here(people: object, sign_in: object, naga: Server) -> None:
    agent = sign_in(people.andres)  # type: ignore[operator, attr-defined]
    assert agent.get(NEW).status_code == 403
    for path in ("", "/propose", "/edit", "/preview", "/test"):
        assert agent.post(NEW + path, data={}).status_code == 403
