"""The outbox page: what waits and why; send again, all again, cancel with a reason."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core import clock, settings
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.outbox import queue
from webapp.outbox.models import Attempt, Delivery


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


def delivery(
    state: str = "pending", *, channel: str = "mail", lane: str = "ticket:7", **values: object
) -> Delivery:
    with transaction():
        made = queue.put(
            channel=channel,
            target="mail" if channel == "mail" else "connection:3",
            lane=lane,
            kind="status",
            subject=("ticket", 7),
            payload={"status": "resolved"},
            summary=f"{channel} {lane} <b>",
        )
        made.state = state
        for name, value in values.items():
            setattr(made, name, value)
    return made


def attempt(of: Delivery, **values: object) -> None:
    with transaction() as session:
        given = {"n": 1, "started_at": clock.now(), "duration_ms": 120, "status": 503} | values
        session.add(Attempt(delivery_id=of.id, **given))


def shown(page: str, *rows: Delivery) -> list[bool]:
    return [f'id="delivery-{row.id}"' in page for row in rows]


def test_an_empty_outbox_says_what_will_stand_there(admin: FlaskClient) -> None:
    assert "Nothing has left yet" in admin.get("/outbox").text


def test_filters_in_the_address_narrow_the_list(admin: FlaskClient) -> None:
    mail = delivery(lane="ticket:1")
    push = delivery("parked", channel="push", lane="link:1")
    assert shown(admin.get("/outbox").text, mail, push) == [True, True]
    assert shown(admin.get("/outbox?state=waiting").text, mail, push) == [True, False]
    assert shown(admin.get("/outbox?state=parked").text, mail, push) == [False, True]
    assert shown(admin.get("/outbox?channel=push").text, mail, push) == [False, True]
    assert shown(admin.get("/outbox?target=mail").text, mail, push) == [True, False]
    assert "No delivery fits" in admin.get("/outbox?state=cancelled").text
    assert admin.get("/outbox?state=%00&before=x&target=%27").status_code == 200


def test_it_pages_by_key(admin: FlaskClient) -> None:
    rows = [delivery(lane=f"ticket:{n}") for n in range(52)]
    first = admin.get("/outbox").text
    assert shown(first, rows[51], rows[2], rows[1]) == [True, True, False]
    assert f"before={rows[2].id}" in first
    assert shown(admin.get(f"/outbox?before={rows[2].id}").text, rows[1], rows[0]) == [True, True]


def test_it_says_why_mails_wait_when_no_server_is_set_up(admin: FlaskClient) -> None:
    delivery()
    page = admin.get("/outbox").text
    assert not settings.current().mail_configured
    assert "No mail server is set up" in page
    assert "1 mail waits." in page
    assert "MAIL_SERVER" in page


def test_a_delivery_shows_its_attempts_escaped(admin: FlaskClient) -> None:
    row = delivery("retrying")
    attempt(row, outcome="retry", message="The server has a problem.", answer="<script>1</script>")
    page = admin.get(f"/outbox/{row.id}").text
    assert "Attempt 1" in page
    assert "503" in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_one_behind_a_parked_one_says_so(admin: FlaskClient) -> None:
    first, second = delivery("parked", lane="link:1"), delivery(lane="link:1")
    page = admin.get(f"/outbox/{second.id}").text
    assert "It waits behind another one" in page
    assert f"/outbox/{first.id}" in page


def test_sending_again_is_recorded(admin: FlaskClient, session: Session) -> None:
    row = delivery("parked", reason="422")
    assert admin.post(f"/outbox/{row.id}/retry").status_code == 303
    session.refresh(row)
    assert row.state == "pending"
    event = session.query(Event).filter_by(type="delivery.retried").one()
    assert (event.subject_id, event.actor_name) == (row.id, "Amihan")


def test_cancelling_needs_a_reason_and_keeps_it(admin: FlaskClient, session: Session) -> None:
    row = delivery("parked")
    answer = admin.post(f"/outbox/{row.id}/cancel", data={"reason": "  "})
    assert (answer.status_code, 'id="f-reason-error"' in answer.text) == (422, True)
    assert (
        admin.post(f"/outbox/{row.id}/cancel", data={"reason": "Asked by phone"}).status_code == 303
    )
    session.refresh(row)
    assert row.state == "cancelled"
    assert (
        session.query(Event).filter_by(type="delivery.cancelled").one().data["reason"]
        == "Asked by phone"
    )


def test_what_is_settled_can_neither_be_sent_again_nor_cancelled(admin: FlaskClient) -> None:
    row = delivery("sent", settled_at=clock.now())
    assert admin.post(f"/outbox/{row.id}/retry").status_code == 409
    assert admin.post(f"/outbox/{row.id}/cancel", data={"reason": "x"}).status_code == 409
    assert "Cancel the delivery" not in admin.get(f"/outbox/{row.id}").text


def test_one_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/outbox/4711").status_code == 404
    assert admin.post("/outbox/4711/retry").status_code == 404
