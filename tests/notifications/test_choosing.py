"""What a person chooses on the page, and what an admin makes usual for a role."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import db
from webapp.core.db import session
from webapp.events.models import Event
from webapp.notifications import wishes
from webapp.notifications.kinds import KINDS
from webapp.notifications.models import NoticeSettings
from webapp.notifications.routing import Muted, Quiet

SignIn = Callable[[User], FlaskClient]
HABITS = {
    "everything": "mine", "toasts": "1", "toast_seconds": "10", "quiet": "1",
    "quiet_from": "21:30", "quiet_to": "06:15", "digest": "daily",
}  # fmt: skip


def ways(person: User, kind: str) -> set[str]:
    db.session().rollback()
    return set(wishes.known_of([person], [])[person.id].wishes.ways[kind])


def test_the_page_keeps_what_was_ticked_and_the_rest_follows_the_role(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    andres, admin = sign_in(people.andres), sign_in(people.amihan)
    page = andres.get("/me/notifications").text
    assert 'name="mention.mail" value="1" checked' in page
    assert "incident.mail" not in page, "he manages no connections"
    usual = {f"{kind.name}.{way}": "1" for kind in KINDS.values() for way in kind.usual}
    del usual["mention.mail"]
    answer = andres.post("/me/notifications", data={**usual, "response.sound": "1", **HABITS})
    assert answer.status_code == 303
    found = wishes.known_of([people.andres], [])[people.andres.id].wishes
    assert (found.quiet, found.digest) == (Quiet(21 * 60 + 30, 6 * 60 + 15), "daily")
    assert (found.everything, found.toasts, found.urgent_sound) == (False, True, False)
    assert ways(people.andres, "mention") == {"app", "push"}
    assert ways(people.andres, "response") == {"app", "mail", "sound"}
    assert set(session().get_one(NoticeSettings, people.andres.id).choices) == {
        "mention",
        "response",
    }
    page = andres.get("/me/notifications").text
    assert 'value="21:30"' in page
    assert 'data-stay="10000"' in page

    role = {"role": "agent", "assignment.app": "1", "mention.mail": "1"}
    assert admin.post("/settings/notifications", data=role).status_code == 303
    assert ways(people.andres, "assignment") == {"app"}, "which he never chose"
    assert ways(people.andres, "mention") == {"app", "push"}, "his own choice stays"
    assert ways(people.fina, "assignment") == {"app", "mail", "push"}, "another role"
    andres.post("/me/notifications", data={"do": "role"})
    assert ways(people.andres, "mention") == {"mail"}
    [event] = session().scalars(select(Event).where(Event.type == "desk.edited"))
    assert event.data["changes"]["notices"][1].startswith("agent: new –")
    assert "notices by role" in admin.get("/audit").text


def test_a_wrong_time_is_named_and_nothing_is_lost(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    sent = {"mention.sound": "1", **HABITS, "quiet_from": "25:00"}
    answer = sign_in(people.andres).post("/me/notifications", data=sent)
    assert answer.status_code == 422
    assert "Give a time such as 22:30." in answer.text
    assert 'name="mention.sound" value="1" checked' in answer.text
    assert 'name="mention.app" value="1" checked' not in answer.text
    assert ways(people.andres, "mention") == {"app", "mail", "push"}


def test_only_admins_set_what_is_usual(people: SimpleNamespace, sign_in: SignIn) -> None:
    for person in (people.andres, people.nadia):
        assert sign_in(person).get("/settings/notifications").status_code == 403
        assert sign_in(person).post("/settings/notifications").status_code == 403
    admin = sign_in(people.amihan)
    assert admin.get("/settings/notifications?role=king").status_code == 404
    assert admin.post("/settings/notifications", data={"role": "king"}).status_code == 404


def test_a_ticket_is_muted_on_its_page_and_heard_again(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    ticket = make_ticket()
    andres, thing = sign_in(people.andres), f"ticket:{ticket.id}"
    where = f"/notifications/of/ticket/{ticket.id}"
    assert where in andres.get(f"/tickets/{ticket.ref}").text
    assert andres.post(where, data={"do": "mute"}).status_code == 303
    assert wishes.known_of([people.andres], [thing])[people.andres.id].muted == {thing: Muted()}
    assert "Muted" in andres.get(where).text
    assert ticket.ref in andres.get("/me/notifications").text
    andres.post("/me/notifications/muted", data={"thing": thing})
    assert wishes.mutings_of(people.andres) == []
    assert sign_in(people.nadia).get(where).status_code == 403


def test_a_reporter_with_an_account_chooses_what_concerns_them(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    page = sign_in(people.rosa).get("/me/notifications").text
    assert "response.app" in page
    assert "new.app" not in page
