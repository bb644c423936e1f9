"""The trail as people with different rights see it, narrow it, page through it and take it away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.counting import selects
from webapp.accounts.models import User
from webapp.audit import queries
from webapp.audit.forms import Filter, filter_from
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.tickets.actions import add_note, submit_report
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ticket_by_id

SignIn = Callable[[User], FlaskClient]
REPORTER = Actor("reporter", None, "Rosa")


def report(title: str = "Broken lamp") -> Ticket:
    form = ReportForm(title=title, description="It is dark.", name="Rosa", email="rosa@example.org")
    with transaction():
        return submit_report(form, actor=REPORTER)


@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa", "nadia"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_admin_sees_or_takes_the_trail(
    people: SimpleNamespace, sign_in: SignIn, name: str, method: str
) -> None:
    client = sign_in(getattr(people, name))
    answer = client.get("/audit") if method == "get" else client.post("/audit/export")
    assert answer.status_code in (403, 404)


def test_somebody_signed_out_is_led_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/audit").status_code == 302


def test_it_tells_what_happened_newest_first(people: SimpleNamespace, sign_in: SignIn) -> None:
    first, second = report(), report()
    page = sign_in(people.amihan).get("/audit?subject=ticket").text
    assert page.index(second.ref) < page.index(first.ref)
    assert "Broken lamp" in page


def test_each_filter_narrows(people: SimpleNamespace, sign_in: SignIn) -> None:
    ticket = report()
    with transaction():
        add_note(ticket, body="Ask the crew.", actor=people.andres.actor)
    client = sign_in(people.amihan)
    for query, expected in (
        ("actor=reporter", "ticket.created"),
        (f"actor=user:{people.andres.id}", "ticket.noted"),
        ("type=ticket.noted", "ticket.noted"),
        (f"subject=ticket:{ticket.id}&type=ticket.created", "ticket.created"),
    ):
        page = client.get(f"/audit?{query}").text
        shown = {
            kind
            for kind in ("ticket.created", "ticket.noted", "user.created")
            if f" {kind} ·" in page
        }
        assert shown == {expected}, query


def test_days_are_days_of_the_viewers_zone(people: SimpleNamespace, session: Session) -> None:
    import time_machine

    with time_machine.travel("2026-11-19T15:59:00Z", tick=False):
        report()  # 23:59 in Manila
    with time_machine.travel("2026-11-19T16:00:00Z", tick=False):
        second = report()  # midnight in Manila
    chosen = filter_from({"since": "2026-11-20", "until": "2026-11-20", "subject": "ticket"})
    found = queries.page_of(chosen, zone=people.amihan.zone).events
    assert [event.subject_id for event in found] == [second.id]


@pytest.mark.parametrize(
    "bad",
    [
        "actor=%00",
        "since=2026-13-45",
        "before=x",
        "before=-1",
        "type=" + "x" * 5000,
        "actor=user:99999999999999999999",
    ],
)
def test_a_filter_that_cannot_be_read_breaks_nothing(
    people: SimpleNamespace, sign_in: SignIn, bad: str
) -> None:
    assert sign_in(people.amihan).get(f"/audit?{bad}").status_code == 200


def test_paging_shows_each_event_once_in_both_directions(people: SimpleNamespace) -> None:
    made = [report().id for _ in range(12)]
    zone, chosen = people.amihan.zone, Filter(subject="ticket")
    first = queries.page_of(chosen, zone=zone, limit=5)
    second = queries.page_of(chosen, zone=zone, limit=5, before=first.older_before)
    third = queries.page_of(chosen, zone=zone, limit=5, before=second.older_before)
    seen = [e.subject_id for page in (first, second, third) for e in page.events]
    assert seen == made[::-1]
    assert (first.newer_after, third.older_before) == (None, None)
    back = queries.page_of(chosen, zone=zone, limit=5, after=third.newer_after)
    assert back.events == second.events
    assert (
        queries.page_of(chosen, zone=zone, limit=5, after=second.newer_after).events == first.events
    )


def test_the_file_holds_all_of_the_filter_and_no_formula(
    people: SimpleNamespace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_CHUNK", 2)
    made = [report().id for _ in range(5)]
    with transaction():
        add_note(ticket_by_id(made[0]), body="x", actor=Actor("user", 1, "=HYPERLINK(1)"))
    answer = sign_in(people.amihan).post("/audit/export?subject=ticket")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["subject_id"] for row in rows] == [str(n) for n in (made[0], *made[::-1])]
    assert rows[0]["actor"] == "'=HYPERLINK(1)"
    assert rows[0]["at_utc"].endswith("+00:00")


def test_taking_the_trail_away_is_in_the_trail(
    people: SimpleNamespace, sign_in: SignIn, session: Session
) -> None:
    sign_in(people.amihan).post("/audit/export?actor=reporter").close()
    event = session.query(Event).filter_by(type="audit.exported").one()
    assert (event.actor_name, event.data["filters"]) == ("Amihan", {"actor": "reporter"})


def test_the_trail_needs_few_queries(people: SimpleNamespace, sign_in: SignIn) -> None:
    for _ in range(40):
        report()
    client = sign_in(people.amihan)
    with selects() as asked:
        assert client.get("/audit").status_code == 200
    assert 0 < len(asked) <= 8
