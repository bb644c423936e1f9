"""The JSON API of activities and analytics, with the field names promised (P2, P3)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from webapp.accounts.models import User

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def client(people: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.andres)


def add(client: FlaskClient, title: str, **more: Any) -> Any:
    return client.post("/api/activities", json={"type": "goal_completed", "title": title, **more})


def test_activities_are_added_paged_read_and_deleted(
    client: FlaskClient, people: SimpleNamespace
) -> None:
    me = people.andres.id
    for number in range(5):
        assert add(client, f"No. {number}").status_code == 201
    page = client.get(f"/api/activities/{me}?limit=2&skip=1").get_json()
    assert [each["title"] for each in page["activities"]] == ["No. 3", "No. 2"]
    assert (page["total"], page["hasMore"]) == (5, True)
    assert not client.get(f"/api/activities/{me}?skip=3").get_json()["hasMore"]
    assert client.get(f"/api/activities/{me}/unread/count").get_json() == {"unreadCount": 5}
    first = page["activities"][0]["id"]
    assert client.patch(f"/api/activities/{first}/read").get_json()["activity"]["read"]
    assert client.patch(f"/api/activities/{me}/read-all").get_json() == {"modifiedCount": 4}
    assert client.delete(f"/api/activities/{first}").status_code == 204
    assert client.delete(f"/api/activities/{first}").status_code == 404


def test_only_ones_own_unless_admin(
    client: FlaskClient, people: SimpleNamespace, sign_in: SignIn
) -> None:
    fina, admin = sign_in(people.fina), sign_in(people.amihan)
    made = add(client, "Mine").get_json()["activity"]["id"]
    for path in (f"/api/activities/{people.andres.id}", f"/api/analytics/{people.andres.id}"):
        assert fina.get(path).status_code == 403
        assert admin.get(path).status_code == 200
    assert add(fina, "Yours", userId=people.andres.id).status_code == 403
    assert add(admin, "Yours", userId=people.andres.id).status_code == 201
    assert fina.patch(f"/api/activities/{made}/read").status_code == 404
    assert fina.patch(f"/api/analytics/{people.andres.id}/streak").status_code == 403


def test_figures_begin_grow_and_are_set_right(client: FlaskClient, people: SimpleNamespace) -> None:
    base = f"/api/analytics/{people.andres.id}"
    begun = client.post(f"{base}/init")
    assert begun.status_code == 201
    assert begun.get_json()["totalHours"] == 0
    assert client.patch(f"{base}/learning-hours", json={"hoursLogged": 2.5}).status_code == 200
    client.patch(f"{base}/increment", json={"statName": "skills", "incrementBy": 3})
    for _ in range(2):
        client.patch(f"{base}/streak")
    found = client.get(base).get_json()
    assert (found["totalHours"], found["skillsCount"], found["currentStreak"]) == (2.5, 3, 1)

    for _ in range(2):  # the week comes to this, however often it is said
        week = client.post(f"{base}/weekly", json={"hoursLogged": 4, "logsCount": 2})
        assert week.status_code == 201
    found = client.get(base).get_json()
    assert (found["totalHours"], found["logsCount"]) == (4, 2)
    assert found["weekly"][-1] | {"weekStart": ""} == {
        "weekStart": "", "hoursLogged": 4, "logsCount": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("increment", {"statName": "password", "incrementBy": 1}),
        ("increment", {"statName": "skills", "incrementBy": 0.5}),
        ("increment", {"statName": "skills", "incrementBy": -1}),
        ("learning-hours", {"hoursLogged": "much"}),
        ("learning-hours", {"hoursLogged": 1, "more": 1}),
        ("learning-hours", [1]),
    ],
)
def test_what_makes_no_sense_is_refused_as_a_problem(
    client: FlaskClient, people: SimpleNamespace, path: str, sent: Any
) -> None:
    answer = client.patch(f"/api/analytics/{people.andres.id}/{path}", json=sent)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 422


def test_an_activity_leads_nowhere_else(client: FlaskClient) -> None:
    for link in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert add(client, "x", link=link).status_code == 422
