"""The chat: who sees what, sending once, mentions, answers, changes with history, files, unread and read."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.chat.models import Channel, Message, MessageVersion
from webapp.core import db
from webapp.events.models import Event

SignIn = Callable[[User], FlaskClient]
PDF = b"%PDF-1.4 plan"


@pytest.fixture
def desks(people: SimpleNamespace, sign_in: SignIn) -> SimpleNamespace:
    names = ("amihan", "andres", "fina", "felix", "rosa")
    return SimpleNamespace(**{name: sign_in(getattr(people, name)) for name in names})


def channel(client: FlaskClient, name: str = "Roads", **more: str) -> int:
    answer = client.post("/chat/new", data={"name": name, **more})
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def say(client: FlaskClient, where: int, body: str = "Hello", **more: Any) -> Any:
    return client.post("/api/chat", json={"channelId": where, "body": body, **more})


def read(client: FlaskClient, where: int) -> list[dict[str, Any]]:
    return client.get(f"/api/chat?channel={where}").get_json()["messages"]


def unread(client: FlaskClient) -> int:
    return client.get("/api/chat").get_json()["unreadCount"]


def test_what_is_said_is_unread_until_it_was_seen_and_shows_who_has(
    desks: SimpleNamespace, people: SimpleNamespace
) -> None:
    where = channel(desks.andres, topic="Potholes")
    say(desks.fina, where, "First")
    last = say(desks.fina, where, "Second").get_json()["message"]
    assert (unread(desks.andres), unread(desks.fina)) == (2, 0)
    assert "Second" in desks.andres.get(f"/chat/{where}").text
    assert desks.andres.put(f"/api/chat/{last['id']}/read").status_code == 200
    assert unread(desks.andres) == 0
    assert read(desks.fina, where)[-1]["readBy"] == [people.andres.id]
    assert "Read by Andres" in desks.fina.get(f"/chat/{where}/messages").text
    first = read(desks.fina, where)[0]["id"]
    desks.andres.put(f"/api/chat/{first}/read")  # an older one takes nothing back
    assert unread(desks.andres) == 0


def test_between_two_nobody_else_hears(desks: SimpleNamespace, people: SimpleNamespace) -> None:
    sent = desks.andres.post("/api/chat", json={"userId": people.fina.id, "body": "Psst"})
    where = sent.get_json()["message"]["channelId"]
    back = desks.fina.post("/api/chat", json={"userId": people.andres.id, "body": "Yes?"})
    assert back.get_json()["message"]["channelId"] == where
    for other in (desks.felix, desks.amihan):
        for path in (f"/chat/{where}", f"/chat/{where}/messages", f"/api/chat?channel={where}"):
            assert other.get(path).status_code == 404
        assert say(other, where).status_code == 404
        assert "Psst" not in other.get("/chat/search?q=psst").text
    assert "Psst" in desks.fina.get("/chat/search?q=psst").text
    assert (
        desks.andres.post(f"/chat/{where}/members", data={"person": people.felix.id}).status_code
        == 409
    )
    assert "Fina" in desks.andres.get("/chat").text


def test_a_closed_channel_is_its_members(desks: SimpleNamespace, people: SimpleNamespace) -> None:
    where = channel(desks.andres, "Salaries", closed="1")
    assert desks.fina.get(f"/chat/{where}").status_code == 404
    desks.andres.post(f"/chat/{where}/members", data={"person": people.fina.id})
    assert desks.fina.get(f"/chat/{where}").status_code == 200
    desks.fina.post(f"/chat/{where}/leave")
    assert desks.fina.get(f"/chat/{where}").status_code == 404


def test_reporters_do_not_chat(desks: SimpleNamespace, people: SimpleNamespace) -> None:
    assert desks.rosa.get("/chat").status_code == 403
    assert desks.rosa.get("/api/chat").status_code == 403
    assert desks.andres.post("/chat/to", data={"person": people.rosa.id}).status_code == 422


def test_sent_twice_is_said_once_each_device_for_itself(desks: SimpleNamespace) -> None:
    where = channel(desks.andres)
    ids = {
        say(desks.andres, where, clientId="phone-0001").get_json()["message"]["id"] for _ in "ab"
    }
    assert len(ids) == 1
    say(desks.fina, where, clientId="phone-0001")
    assert len(read(desks.andres, where)) == 2


def test_a_mention_names_whom_it_means(desks: SimpleNamespace, people: SimpleNamespace) -> None:
    where = channel(desks.andres)
    say(desks.andres, where, "@Fina and @Rosa, look")
    event = db.session().scalars(select(Event).where(Event.type == "chat.sent")).one()
    assert event.data["mentioned"] == [people.fina.id]  # Rosa reports, she does not chat
    assert "look" not in str(event.data)
    told = desks.fina.get("/api/notifications").get_json()["notifications"]
    assert [(each["type"], each["link"]) for each in told] == [("mention", f"/chat/{where}")]
    desks.andres.post("/api/chat", json={"userId": people.felix.id, "body": "Psst"})
    told = desks.felix.get("/api/notifications").get_json()["notifications"]
    assert [each["type"] for each in told] == ["social"]
    assert "Psst" not in str(told)


def test_an_answer_shows_what_it_answers_and_only_of_its_channel(desks: SimpleNamespace) -> None:
    where, elsewhere = channel(desks.andres), channel(desks.andres, "Water")
    first = say(desks.andres, where, "Which bridge?").get_json()["message"]["id"]
    answer = say(desks.fina, where, "The old one", replyTo=first)
    assert answer.get_json()["message"]["replyTo"] == first
    assert desks.andres.get(f"/chat/{where}").text.count("Which bridge?") == 2
    assert say(desks.fina, elsewhere, "x", replyTo=first).status_code == 422


def test_what_is_changed_or_deleted_keeps_its_history(desks: SimpleNamespace) -> None:
    where = channel(desks.andres)
    number = say(desks.andres, where, "Tusday").get_json()["message"]["id"]
    assert desks.fina.post(f"/chat/messages/{number}", data={"body": "x"}).status_code == 403
    desks.andres.post(f"/chat/messages/{number}", data={"body": "Tuesday"})
    assert read(desks.fina, where)[0]["body"] == "Tuesday"
    assert "Tusday" in desks.fina.get(f"/chat/messages/{number}").text
    assert desks.fina.post(f"/chat/messages/{number}/delete").status_code == 403
    desks.amihan.post(f"/chat/messages/{number}/delete")
    [shown] = read(desks.fina, where)
    assert (shown["body"], shown["deleted"]) == ("", True)
    assert "uesday" not in desks.fina.get(f"/chat/messages/{number}").text
    assert "Tuesday" in desks.amihan.get(f"/chat/messages/{number}").text
    db.session().rollback()
    assert len(db.session().scalars(select(MessageVersion)).all()) == 2
    assert unread(desks.amihan) == 0


def test_files_are_for_those_who_see_the_message(desks: SimpleNamespace) -> None:
    where = channel(desks.andres, closed="1")
    sent = {"body": "", "files": (io.BytesIO(PDF), "plan.pdf")}
    assert desks.andres.post(f"/chat/{where}", data=sent).status_code == 303
    [file] = read(desks.andres, where)[0]["files"]
    answer = desks.andres.get(f"/chat/files/{file['id']}")
    assert (answer.data, answer.headers["X-Content-Type-Options"]) == (PDF, "nosniff")
    assert desks.fina.get(f"/chat/files/{file['id']}").status_code == 404
    bad = {"body": "kept as typed", "files": (io.BytesIO(b"MZ"), "x.exe")}
    again = desks.andres.post(f"/chat/{where}", data=bad)
    assert (again.status_code, "kept as typed" in again.text) == (422, True)
    assert desks.andres.post(f"/chat/{where}", data={"body": " "}).status_code == 422


def test_a_ticket_that_is_named_shows_its_state_to_who_may_see_it(desks: SimpleNamespace) -> None:
    ticket = make_ticket()
    where = channel(desks.andres)
    say(desks.andres, where, f"See {ticket.ref}, <b>now</b>: https://city.example/a?b=1.")
    page = desks.andres.get(f"/chat/{where}").text
    assert f"{ticket.ref} · Open" in page
    assert "&lt;b&gt;now" in page
    assert 'href="https://city.example/a?b=1"' in page
    assert f"{ticket.ref} ·" not in desks.felix.get(f"/chat/{where}").text


def test_a_channel_put_away_is_read_only(desks: SimpleNamespace) -> None:
    where = channel(desks.andres)
    say(desks.andres, where, "Old words")
    desks.andres.post(f"/chat/{where}/archive", data={"away": "1"})
    assert say(desks.andres, where).status_code == 409
    assert "Roads" not in desks.andres.get("/chat/list").text
    assert "Old words" in desks.andres.get("/chat/search?q=old words").text
    desks.andres.post(f"/chat/{where}/archive", data={"away": ""})
    assert say(desks.andres, where).status_code == 201


def test_channels_are_named_once_and_changed_with_a_trace(desks: SimpleNamespace) -> None:
    where = channel(desks.andres)
    again = desks.fina.post("/chat/new", data={"name": "Roads"})
    assert again.status_code == 422
    assert "There is a channel of this name." in again.text
    desks.andres.post(f"/chat/{where}/settings", data={"name": "Streets", "topic": "All of them"})
    db.session().rollback()
    assert db.session().get_one(Channel, where).name == "Streets"
    page = desks.amihan.get("/audit").text
    assert "changed the channel" in page


def test_older_messages_come_page_by_page(desks: SimpleNamespace) -> None:
    where = channel(desks.andres)
    for number in range(5):
        say(desks.andres, where, f"No. {number}")
    newest = desks.fina.get(f"/api/chat?channel={where}&limit=2").get_json()
    assert [each["body"] for each in newest["messages"]] == ["No. 3", "No. 4"]
    assert newest["hasMore"]
    before = newest["messages"][0]["id"]
    older = desks.fina.get(f"/api/chat?channel={where}&limit=3&before={before}").get_json()
    assert [each["body"] for each in older["messages"]] == ["No. 0", "No. 1", "No. 2"]
    assert not older["hasMore"]


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"body": "x"},
        {"body": "x", "channelId": 1, "userId": 1},
        {"channelId": 1},
        {"body": "x", "channelId": "y"},
    ],
)
def test_nonsense_is_refused_as_a_problem(desks: SimpleNamespace, sent: Any) -> None:
    channel(desks.andres)
    answer = desks.andres.post("/api/chat", json=sent)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert db.session().scalars(select(Message)).all() == []
