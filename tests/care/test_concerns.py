"""What an admin sees of tokens and roads on the connection's pages and the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.care.test_tokens import NEW, jwt, replace, sync
from tests.sync.conftest import connection_of
from webapp.core import clock, db
from webapp.core.breaker import Breaker
from webapp.outbox import roads
from webapp.sync import actions, tasks, tokens
from webapp.sync.concerns import concerns_of


@pytest.fixture
def amihan(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


def texts(connection_id: int) -> list[str]:
    return [each.text for each in concerns_of([connection_of(connection_id)])]


def failing(name: str, hours: int) -> None:
    with db.transaction():
        roads.write(name, Breaker(recent="-", failing_since=clock.now() - timedelta(hours=hours)))


def test_a_connection_that_is_well_has_no_concerns(naga: Any, connect: Any) -> None:
    assert texts(connect(naga)) == []


def test_a_refused_token_is_said_on_every_page_of_the_connection_and_on_the_dashboard(
    naga: Any, connect: Any, amihan: FlaskClient
) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    assert sync(connection_id).state == "ok"
    words = "The new token is refused."
    for path in ("", "/runs", "/settings", "/panel"):
        assert words in amihan.get(f"/connections/{connection_id}{path}").text
    assert words in amihan.get("/home/attention").text


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=8), None),
        (timedelta(days=6, hours=1), "expires in 6 days"),
        (timedelta(days=1, hours=1), "expires in 1 day:"),
        (timedelta(hours=3), "expires within a day"),
        (timedelta(hours=-3), "has expired"),
    ],
)
def test_a_token_that_ends_is_warned_of(
    naga: Any, connect: Any, amihan: FlaskClient, left: timedelta, words: str | None
) -> None:
    connection_id = connect(naga)
    replace(connection_id, jwt(clock.now() + left))
    page = amihan.get(f"/connections/{connection_id}").text
    if words is None:
        assert "The token expires" not in page
    else:
        assert words in page
        assert words in amihan.get("/").text


def test_the_old_token_is_named_by_its_end_and_can_be_deleted(
    naga: Any, connect: Any, amihan: FlaskClient
) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    page = amihan.get(f"/connections/{connection_id}/settings").text
    assert f"(…{naga.token[-4:]}) is kept as fall-back" in page
    assert naga.token not in page

    amihan.post(f"/connections/{connection_id}/token/forget")

    assert tokens.read_fall_back(connection_of(connection_id)) == ""
    assert "is kept as fall-back" not in amihan.get(f"/connections/{connection_id}/settings").text


@pytest.mark.parametrize("person", ["andres", "fina", "felix", "nadia"])
def test_nobody_else_deletes_it(
    people: SimpleNamespace,
    sign_in: Callable[..., FlaskClient],
    naga: Any,
    connect: Any,
    person: str,
) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    answer = sign_in(getattr(people, person)).post(f"/connections/{connection_id}/token/forget")
    assert answer.status_code == 403
    assert tokens.read_fall_back(connection_of(connection_id)) == naga.token


def test_days_of_nothing_but_failures_are_said_and_in_the_end_it_is_paused(
    naga: Any, connect: Any
) -> None:
    connection_id = connect(naga)
    failing(connection_of(connection_id).pull_road, 59)
    tasks.care()
    assert texts(connection_id) == []
    failing(connection_of(connection_id).pull_road, 61)
    tasks.care()
    assert texts(connection_id) == ["Nothing could be read since"]
    assert connection_of(connection_id).state == "active"
    failing(connection_of(connection_id).pull_road, 121)
    tasks.care()
    assert connection_of(connection_id).state == "paused"
    assert "120 hours" in connection_of(connection_id).reason


def test_a_push_road_counts_as_well_and_one_answer_clears_it(naga: Any, connect: Any) -> None:
    from webapp.outbox.channels import Answer

    connection_id = connect(naga)
    target = connection_of(connection_id).target
    failing(target, 100)
    assert texts(connection_id) == ["Nothing could be sent since"]
    with db.transaction():
        roads.note(target, Answer(200))
    tasks.care()
    assert texts(connection_id) == []
    assert connection_of(connection_id).state == "active"


def test_whoever_resumes_it_is_not_stopped_again_at_once(
    naga: Any, connect: Any, people: SimpleNamespace
) -> None:
    connection_id = connect(naga)
    failing(connection_of(connection_id).pull_road, 121)
    tasks.care()
    with db.transaction():
        actions.resume(connection_of(connection_id), actor=people.amihan.actor)
    tasks.care()
    assert connection_of(connection_id).state == "active"


def test_the_new_token_is_on_no_page(naga: Any, connect: Any, amihan: FlaskClient) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    sync(connection_id)
    for path in ("", "/settings", "/runs"):
        assert NEW not in amihan.get(f"/connections/{connection_id}{path}").text


def test_a_token_for_another_address_is_tried_there_before_it_is_saved(
    naga: Any, connect: Any, amihan: FlaskClient
) -> None:
    connection_id = connect(naga)
    where = f"/connections/{connection_id}/settings"
    data = {
        "name": "Naga",
        "base_url": naga.url.replace("127.0.0.1", "localhost"),
        "interval_minutes": "5",
        "allow_http": "1",
        "secret": "wrong-token-1234",
    }

    answer = amihan.post(where, data=data)

    assert answer.status_code == 422
    assert "although the test failed" in answer.text
    assert connection_of(connection_id).base_url == naga.url
    assert amihan.post(where, data=data | {"secret": naga.token}).status_code == 303
    assert "localhost" in connection_of(connection_id).base_url
    assert connection_of(connection_id).account.startswith("Naga City")
    assert amihan.post(where, data=data | {"untested": "1"}).status_code == 303
    assert tokens.read(connection_of(connection_id)) == "wrong-token-1234"
