"""Upstreams' tickets: many at once, then kept in step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import event

from tests.tickets.make import MYNAGA, make_pulled
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.tickets import actions
from webapp.tickets.values import RemoteFile, TicketValues

PHOTO = RemoteFile(url="https://naga.example/photos/1.jpg?size=big")


def update(ticket, **values):
    with transaction():
        return actions.update_from_upstream(ticket, values=values, actor=MYNAGA)


def test_a_pulled_ticket_keeps_all_that_came(app: Flask) -> None:
    reported = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    (ticket,) = make_pulled(
        description="Flooded street\nsince Monday", status="in_progress", category="Flooding",
        refined_category="Drainage", barangay="Concepcion Pequeña", lat=13.6218, lng="123.1948",
        external_status="Acknowledged", reported_at=reported, attachments=(PHOTO,),
        source_url="https://naga.example/reports/7",
    )  # fmt: skip
    assert ticket.reported_at == reported
    assert (ticket.lat, ticket.lng) == (Decimal("13.6218"), Decimal("123.1948"))
    assert ticket.source == "connection:1"
    assert not ticket.status_is_ours
    assert [(a.name, a.remote_url) for a in ticket.attachments] == [("1.jpg", PHOTO.url)]
    assert history_of("ticket", ticket.id)[0].actor_name == "MyNaga demo"


def test_a_ticket_without_a_title_is_named_by_its_text(app: Flask) -> None:
    (by_text,) = make_pulled(title="", description="  Flooded\u00a0street \nsince Monday")
    (by_kind,) = make_pulled(title="", description="", category="Flooding")
    assert (by_text.title, by_kind.title) == ("Flooded street", "Flooding")


def test_many_tickets_take_few_statements(app: Flask) -> None:
    statements: list[str] = []
    engine = db.db.engine
    seen = lambda *a: statements.append(a[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", seen)
    try:
        tickets = make_pulled(300, attachments=(PHOTO,))
    finally:
        event.remove(engine, "before_cursor_execute", seen)
    assert len({t.ref for t in tickets}) == 300
    ours = [
        s for s in statements if "event" not in s and "ORDER BY ticket.id" not in s
    ]  # the test's own
    assert len(ours) <= 10, "six ask for targets, for rules of assignment, and whom to tell"


def test_nothing_new_writes_nothing(app: Flask) -> None:
    (ticket,) = make_pulled(attachments=(PHOTO,), lat="13.62", status="open")
    version = ticket.version
    same = {"title": "Clogged drain", "lat": 13.62, "status": "open", "attachments": [PHOTO]}
    assert update(ticket, **same) == []
    assert ticket.version == version
    assert len(history_of("ticket", ticket.id)) == 1


def test_changes_are_one_fact_and_the_status_another(app: Flask) -> None:
    (ticket,) = make_pulled()
    more = RemoteFile(url="https://naga.example/photos/2.jpg", name="after.jpg")
    changed = update(
        ticket, description="Worse now", place="Zone 3", status="resolved", attachments=[more]
    )
    assert changed == ["description", "place", "attachments", "status"]
    _, edited, moved = history_of("ticket", ticket.id)
    assert edited.data["changes"]["place"] == ["", "Zone 3"]
    assert edited.data["changes"]["attachments"] == [None, "after.jpg"]
    assert (moved.data["new"], moved.actor_kind) == ("resolved", "connection")
    assert ticket.resolved_at is not None
    assert not ticket.status_is_ours


def test_fields_that_are_not_given_stay(app: Flask) -> None:
    (ticket,) = make_pulled(barangay="Tinago")
    update(ticket, title="Blocked drain")
    assert (ticket.title, ticket.barangay) == ("Blocked drain", "Tinago")


def test_an_upstream_never_takes_the_title_away(app: Flask) -> None:
    (ticket,) = make_pulled()
    assert update(ticket, title="") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "Acknowledged"},
        {"lat": 91},
        {"lng": "east"},
        {"reported_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point
        {"reported_at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"title": ["a", "list"]},
        {"no_such_field": "x"},
    ],
)
def test_what_cannot_be_true_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        TicketValues(**wrong)


def test_what_no_database_takes_is_made_storable(app: Flask) -> None:
    nasty = "A\x00B\ud800 " + "é" * 400
    (ticket,) = make_pulled(title=nasty, category=nasty, description="x" * 200_000)
    assert ticket.title.startswith("AB? é")
    assert (len(ticket.title), len(ticket.category)) == (300, 200)
    assert len(ticket.description) == 100_000


def test_an_address_that_is_no_web_address_is_left_out(app: Flask) -> None:
    trap = RemoteFile(url="javascript:alert(1)")
    (ticket,) = make_pulled(source_url="javascript:alert(1)", attachments=(trap,))
    assert ticket.source_url == ""
    assert ticket.attachments == []


def test_an_explicit_null_for_attachments_means_none() -> None:
    assert TicketValues(description="A lamp is out.", attachments=None).attachments == ()
