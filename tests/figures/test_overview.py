"""The overview of a connection and the list: state, lag, what waits, what it depends on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.counting import selects
from tests.figures.conftest import Ran, make_connection, minutes_ago
from webapp.admin import health as parts
from webapp.core import clock, db
from webapp.outbox.models import Road
from webapp.sync.health import Health
from webapp.sync.models import Connection, Quarantine, Run


def changed(connection: Connection, **values: Any) -> None:
    with db.transaction() as session:
        row = session.get_one(Connection, connection.id)
        for name, value in values.items():
            setattr(row, name, value)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def overview(admin: FlaskClient, connection: Connection) -> str:
    return words(admin.get(f"/connections/{connection.id}").text)


def test_it_says_the_lag_and_what_that_is(admin: FlaskClient, connection: Connection) -> None:
    changed(
        connection,
        watermark=minutes_ago(130),
        last_success_at=minutes_ago(2),
        next_pull_at=minutes_ago(-3),
        skew_seconds=7.0,
    )
    page = overview(admin, connection)
    assert "Lag 2 h 10 min" in page
    assert "Lag is the age of their newest change that has arrived here" in page
    assert "7 seconds ahead of ours" in page
    assert "1234" in page  # the token's end
    assert "a-token-that" not in page


def test_a_pull_under_way_has_a_bar_where_they_say_how_much_there_is(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    number = ran(connection, minutes_ago(1), state="running", created=100)
    changed(connection, lease_token="x", lease_until=minutes_ago(-1), next_pull_at=None)
    assert "Syncing page 2" in overview(admin, connection)
    with db.transaction() as session:
        run = session.get_one(Run, number)
        run.total_hint = 900
    page = admin.get(f"/connections/{connection.id}").text
    assert "Syncing page 2 of about 9" in page
    assert 'value="100" max="900"' in page
    assert 'value="100" max="900"' in admin.get("/connections").text


def test_records_that_wait_for_a_decision_make_it_degraded(
    admin: FlaskClient, connection: Connection
) -> None:
    changed(connection, next_pull_at=minutes_ago(-3))
    assert "In step." in overview(admin, connection)
    with db.transaction() as session:
        for n in range(12):
            session.add(
                Quarantine(
                    connection_id=connection.id, external_id=f"A{n}", payload={}, reason="No.",
                    first_seen_at=clock.now(), last_seen_at=clock.now(),
                )
            )  # fmt: skip
    assert "Degraded: 12 problems" in overview(admin, connection)
    assert "12 records" in words(admin.get("/connections").text)


def open_road(name: str, until: datetime) -> None:
    with db.transaction() as session:
        session.add(Road(name=name, recent="-----", trips=1, open_until=until))


def test_an_open_breaker_of_pulls_is_said_with_its_end(
    admin: FlaskClient, connection: Connection
) -> None:
    changed(connection, next_pull_at=minutes_ago(-3))
    until = minutes_ago(-4)
    open_road(connection.pull_road, until)
    page = overview(admin, connection)
    assert "Waiting: there was no getting through" in page
    assert (until + timedelta(hours=8)).strftime("%H:%M") in page  # in Manila


def test_an_open_breaker_of_pushes_leaves_the_state_and_is_said(
    admin: FlaskClient, connection: Connection
) -> None:
    changed(connection, next_pull_at=minutes_ago(-3))
    open_road(connection.target, minutes_ago(-4))
    page = overview(admin, connection)
    assert "In step." in page
    assert "Sending rests until" in page


def test_a_breaker_whose_rest_is_over_is_not_mentioned(
    admin: FlaskClient, connection: Connection
) -> None:
    changed(connection, next_pull_at=minutes_ago(-3))
    open_road(connection.pull_road, minutes_ago(1))
    assert "In step." in overview(admin, connection)


def test_what_it_depends_on_stands_side_by_side(admin: FlaskClient, connection: Connection) -> None:
    changed(connection, next_pull_at=minutes_ago(-3))
    page = admin.get(f"/health/connection/{connection.id}").text
    assert re.findall(r'id="beside-(\w+)"', page.replace("beside-title", "")) == [
        "upstream", "mail", "database", "queue", "scheduler",
    ]  # fmt: skip
    assert "python worker.py --scheduler" in page
    assert f"/health/connection/{connection.id}" in admin.get(f"/connections/{connection.id}").text


def test_only_admins_learn_how_the_parts_are(
    connection: Connection, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
) -> None:
    for person in (people.andres, people.nadia):
        assert sign_in(person).get(f"/health/connection/{connection.id}").status_code in (403, 404)


def check(name: str, state: str) -> parts.Check:
    return parts.Check(name, name.title(), state, f"{name} is {state}.", f"Mend {name}.")


@pytest.mark.parametrize(
    ("redis", "workers", "state", "advice"),
    [
        ("ok", "ok", "ok", "Mend redis."),
        ("ok", "broken", "broken", "Mend workers."),
        ("broken", "trouble", "broken", "Mend redis."),
    ],
)
def test_the_queue_is_as_well_as_the_worse_of_redis_and_workers(
    redis: str, workers: str, state: str, advice: str
) -> None:
    found = parts.beside(
        Health("ready", "Ready"), [check("redis", redis), check("workers", workers)]
    )
    queue = next(each for each in found if each.name == "queue")
    assert (queue.state, queue.advice) == (state, advice)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("ready", "ok"), ("syncing", "ok"), ("waiting", "trouble"), ("paused", "off"), ("degraded", "trouble"),
     ("error", "broken"), ("late", "trouble")],
)  # fmt: skip
def test_each_state_of_an_upstream_has_its_colour(kind: str, state: str) -> None:
    (found,) = parts.beside(Health(kind, "So.", "Do."), [])
    assert (found.state, found.advice) == (state, "Do.")


def test_a_refused_token_is_not_merely_off() -> None:
    (found,) = parts.beside(Health("paused", "So.", "Do."), [], refused=True)
    assert found.state == "broken"


def test_the_list_asks_no_more_for_more_connections(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    with selects() as one:
        admin.get("/connections")
    for n in range(4):
        ran(make_connection(f"Town {n}"), minutes_ago(5), created=n)
    with selects() as five:
        page = admin.get("/connections").text
    assert len(five) == len(one)
    assert page.count("Changes to send") == 5
