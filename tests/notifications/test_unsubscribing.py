"""The link in a mail that ends such mails."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.tickets.make import make_ticket
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.notifications import wishes
from webapp.notifications.kinds import MAIL
from webapp.notifications.routing import Muted
from webapp.notifications.unsubscribing import unsubscribe_url
from webapp.outbox.models import Delivery
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.portal.models import Follower

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mailer(app) -> FlaskClient:  # type: ignore[no-untyped-def]
    """A mail program: no session, no token of a form, as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def _ways(person, kind: str) -> frozenset[str]:  # type: ignore[no-untyped-def]
    db.session().expire_all()
    return wishes.known_of([person], [])[person.id].wishes.ways[kind]


def _mailed() -> list[int]:
    kinds = ("reporter_status", "reporter_response", "reporter_news")
    query = select(Delivery.subject_id).where(Delivery.kind.in_(kinds)).order_by(Delivery.id)
    return list(db.session().scalars(query))


def test_one_click_ends_the_mails_about_one_ticket(
    mailer: FlaskClient, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    path = _path(unsubscribe_url(people.andres, "response", f"ticket:{ticket.id}"))
    assert mailer.post(path, data=ONE_CLICK).status_code == 200
    thing = f"ticket:{ticket.id}"
    assert wishes.known_of([people.andres], [thing])[people.andres.id].muted == {thing: Muted(True)}
    assert MAIL in _ways(people.andres, "response")
    mailer.post(path, data={"do": "again"})
    assert wishes.known_of([people.andres], [thing])[people.andres.id].muted == {}


def test_one_click_of_a_mail_about_no_one_thing_ends_its_kind(
    mailer: FlaskClient, people: SimpleNamespace
) -> None:
    path = _path(unsubscribe_url(people.andres, "reminder"))
    assert mailer.post(path, data=ONE_CLICK).status_code == 200
    assert MAIL not in _ways(people.andres, "reminder")
    assert MAIL in _ways(people.andres, "response")
    assert MAIL in _ways(people.fina, "reminder")
    mailer.post(path, data={"do": "again"})
    assert MAIL in _ways(people.andres, "reminder")


def test_looking_at_the_page_ends_nothing_and_it_offers_both(
    mailer: FlaskClient, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    path = _path(unsubscribe_url(people.andres, "response", f"ticket:{ticket.id}"))
    page = mailer.get(path).get_data(as_text=True)
    assert ticket.ref in page
    assert ticket.title not in page
    assert "Responses" in page
    assert wishes.mutings_of(people.andres) == []
    mailer.post(path, data={"do": "kind"})
    assert MAIL not in _ways(people.andres, "response")


def test_a_reporter_ends_the_mails_about_their_own_report(
    mailer: FlaskClient, people: SimpleNamespace
) -> None:
    ticket = make_ticket()
    path = _path(unsubscribe_url("reporter", "response", f"ticket:{ticket.id}"))
    assert "rosa" not in path
    mailer.post(path, data=ONE_CLICK)
    with transaction() as session:
        other = make_ticket(title="Another one")
        for each in (ticket, other):
            fresh = session.get_one(Ticket, each.id)
            actions.change_status(fresh, status="in_progress", actor=people.andres.actor)
            actions.respond(fresh, body="On our way.", actor=people.andres.actor)
    assert _mailed() == [other.id]
    mailer.post(path, data={"do": "again"})
    with transaction() as session:
        fresh = session.get_one(Ticket, ticket.id)
        actions.respond(fresh, body="Done.", actor=people.andres.actor)
    assert _mailed() == [other.id, ticket.id]


def test_a_follower_who_ends_it_is_forgotten(mailer: FlaskClient) -> None:
    ticket = make_ticket()
    with transaction() as session:
        follower = Follower(ticket_id=ticket.id, email="flo@example.org", token="t" * 43, created_at=clock.now())  # fmt: skip
        session.add(follower)
    path = _path(unsubscribe_url(f"follower:{follower.id}", "updated", f"ticket:{ticket.id}"))
    assert mailer.post(path, data=ONE_CLICK).status_code == 200
    assert mailer.post(path, data=ONE_CLICK).status_code == 200, "done twice it is done once"
    assert db.session().query(Follower).count() == 0


def test_what_we_did_not_sign_ends_nothing(mailer: FlaskClient, people: SimpleNamespace) -> None:
    path = _path(unsubscribe_url(people.andres, "response"))
    for wrong in (path[:-2] + "xx", "/unsubscribe/abc", "/unsubscribe/W10.abc"):
        assert mailer.post(wrong, data=ONE_CLICK).status_code == 404
    assert MAIL in _ways(people.andres, "response")
