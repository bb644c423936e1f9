"""Notices for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.notifications.conftest import Left
from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import clock

SignIn = Callable[[User], FlaskClient]


def test_a_persons_notices_page_by_page(people: SimpleNamespace, sign_in: SignIn) -> None:
    tickets = [make_ticket(title=f"Lamp {n}") for n in range(5)]
    client, me = sign_in(people.andres), people.andres.id
    mine = client.get("/api/notifications").json
    assert client.get(f"/api/notifications/{me}").json == mine
    assert (mine["total"], mine["hasMore"], mine["unreadCount"]) == (5, False, 5)
    first = mine["notifications"][0]
    assert {
        name: first[name] for name in ("userId", "type", "title", "message", "link", "read")
    } == {
        "userId": me,
        "type": "new",
        "title": f"{tickets[4].ref} Lamp 4",
        "message": "New ticket created: Lamp 4",
        "link": f"/tickets/{tickets[4].ref}",
        "read": False,
    }
    pages = [client.get(f"/api/notifications/{me}?limit=2&skip={skip}").json for skip in (0, 2, 4)]
    assert [page["hasMore"] for page in pages] == [True, True, False]
    assert [n["id"] for page in pages for n in page["notifications"]] == [
        n["id"] for n in mine["notifications"]
    ]


def test_read_read_all_delete_and_clear_all(
    people: SimpleNamespace, sign_in: SignIn, left: Left
) -> None:
    for n in range(4):
        make_ticket(title=f"Lamp {n}")
    client, me = sign_in(people.andres), people.andres.id
    ids = [n["id"] for n in client.get("/api/notifications").json["notifications"]]
    count = f"/api/notifications/{me}/unread/count"
    assert client.get(count).json == {"unreadCount": 4}
    left.signals.clear()
    assert client.put(f"/api/notifications/{ids[0]}/read").json["notification"]["read"] is True
    assert client.patch(f"/api/notifications/{ids[0]}/read").json["notification"]["readAt"]
    assert client.get(count).json == {"unreadCount": 3}
    assert left.signals == [((f"user:{me}",), "notification:changed")], "told once, changed once"
    assert client.patch(f"/api/notifications/{me}/read-all").json == {"modifiedCount": 3}
    assert client.patch(f"/api/notifications/{me}/read-all").json == {"modifiedCount": 0}
    assert client.delete(f"/api/notifications/{ids[1]}").json == {"deletedCount": 1}
    assert client.delete(f"/api/notifications/{ids[1]}").status_code == 404
    assert client.get("/api/notifications?unread=1").json["total"] == 0
    assert client.delete(f"/api/notifications/{me}/clear-all").json == {"deletedCount": 3}
    assert client.get("/api/notifications").json["notifications"] == []


def test_a_notice_from_a_program_reaches_the_bell_and_the_page(
    people: SimpleNamespace, sign_in: SignIn, left: Left
) -> None:
    admin, rosa = sign_in(people.amihan), sign_in(people.rosa)
    at = (clock.now() + timedelta(hours=1)).isoformat()
    sent = {
        "userId": people.rosa.id,
        "type": "achievement",
        "title": "Ten reports",
        "message": "Thank you for looking.",
        "link": "/notifications",
        "expiresAt": at,
    }
    answer = admin.post("/api/notifications", json=sent)
    assert answer.status_code == 201
    [notice] = rosa.get("/api/notifications").json["notifications"]
    assert notice == answer.json["notification"]
    assert {name: notice[name] for name in sent} == sent
    assert [(t.topics, t.kind) for t in left.toasts] == [
        ((f"user:{people.rosa.id}",), "achievement")
    ]
    assert left.signals == [((f"user:{people.rosa.id}",), "notification:received")]
    assert "Ten reports: Thank you for looking." in rosa.get("/notifications").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"type": "gossip"}, "type"),
        ({"link": "https://elsewhere.example"}, "link"),
        ({"link": "//elsewhere.example"}, "link"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2099-01-01T00:00:00"}, "expiresAt"),
        ({"title": ""}, "title"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_sent(
    people: SimpleNamespace, sign_in: SignIn, wrong: dict[str, str], field: str
) -> None:
    sent = {"userId": people.amihan.id, "type": "reminder", "title": "Call back"} | wrong
    answer = sign_in(people.amihan).post("/api/notifications", json=sent)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert list(answer.json["errors"]) == [field]


def test_ones_own_alone_unless_one_runs_the_desk(people: SimpleNamespace, sign_in: SignIn) -> None:
    make_ticket()
    theirs = people.andres.id
    [notice] = sign_in(people.andres).get("/api/notifications").json["notifications"]
    calls = [
        ("get", f"/api/notifications/{theirs}"),
        ("get", f"/api/notifications/{theirs}/unread/count"),
        ("patch", f"/api/notifications/{theirs}/read-all"),
        ("delete", f"/api/notifications/{theirs}/clear-all"),
        ("patch", f"/api/notifications/{notice['id']}/read"),
        ("put", f"/api/notifications/{notice['id']}/read"),
        ("delete", f"/api/notifications/{notice['id']}"),
    ]
    for person in (people.fina, people.nadia):
        client = sign_in(person)
        for method, path in calls:
            answer = getattr(client, method)(path)
            assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
        sent = {"userId": theirs, "title": "Boo"}
        assert client.post("/api/notifications", json=sent).status_code == 404
    admin = sign_in(people.amihan)
    assert admin.get(f"/api/notifications/{theirs}").json["total"] == 1
    assert admin.delete(f"/api/notifications/{notice['id']}").json == {"deletedCount": 1}


def test_strangers_and_bad_numbers_are_refused(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn
) -> None:
    assert client.get("/api/notifications").status_code == 401
    mine = sign_in(people.andres)
    for query in ("limit=0", "limit=101", "limit=x", "skip=-1", "type=gossip"):
        answer = mine.get(f"/api/notifications?{query}")
        assert answer.status_code == 422, query
        assert list(answer.json["errors"]) == [query.partition("=")[0]]
    assert mine.get("/api/notifications/999999999").status_code == 404


@pytest.mark.parametrize("coding", ["identity", "gzip, br"])
def test_who_has_it_already_is_told_so(
    people: SimpleNamespace, sign_in: SignIn, coding: str
) -> None:
    for n in range(12):
        make_ticket(title=f"Lamp {n}")
    client = sign_in(people.andres)
    headers = {"Accept-Encoding": coding}
    first = client.get("/api/notifications", headers=headers)
    again = client.get(
        "/api/notifications", headers={**headers, "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    make_ticket()
    later = client.get(
        "/api/notifications", headers={**headers, "If-None-Match": first.headers["ETag"]}
    )
    assert later.status_code == 200
