"""Runs: the timeline with its filters, one run with everything, the strip of a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.counting import selects
from tests.fakes.upstreams import mynaga_server
from tests.figures.conftest import Ran, make_connection, minutes_ago, run_row
from webapp.core import clock, db
from webapp.events.types import SYSTEM
from webapp.sync import actions, history, strip
from webapp.sync.models import Connection, Quarantine, Run
from webapp.sync.pull.loop import pull


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="run-(\d+)"', page)]


def at(connection: Connection, **args: str) -> str:
    return f"/connections/{connection.id}/runs?" + "&".join(f"{k}={v}" for k, v in args.items())


def test_the_counters_stand_as_the_sum_that_they_are(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    ran(
        connection,
        minutes_ago(9),
        created=2,
        updated=1,
        unchanged=30,
        quarantined=1,
        requests=3,
        waited_s=12,
    )
    page = re.sub(r"<[^>]+>|\s+", " ", admin.get(at(connection)).text)
    page = re.sub(r"\s+", " ", page)
    assert "34 = 2 created + 1 updated + 30 unchanged + 1 failed" in page
    assert "waited 12 s" in page
    assert "3 requests" in page
    assert "does not add up" not in page


def test_a_sum_that_does_not_add_up_says_so(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    number = ran(connection, minutes_ago(9), created=2)
    with db.transaction() as session:
        session.get_one(Run, number).fetched = 5
    assert "does not add up" in admin.get(at(connection)).text


def test_filters_narrow_and_stay_in_the_address(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    good = ran(connection, minutes_ago(50), created=1)
    bad = ran(connection, minutes_ago(40), state="failed", error_kind="server")
    asked = ran(connection, minutes_ago(30), trigger="manual", quarantined=2)
    other = ran(make_connection("Pasig"), minutes_ago(20))
    assert listed(admin.get(at(connection)).text) == [asked, bad, good]
    assert listed(admin.get(at(connection, state="failed")).text) == [bad]
    assert listed(admin.get(at(connection, trigger="manual")).text) == [asked]
    assert listed(admin.get(at(connection, problems="1")).text) == [asked, bad]
    assert listed(admin.get(at(connection, state="dancing", trigger="x")).text) == [
        asked,
        bad,
        good,
    ]
    page = admin.get(at(connection, state="cancelled")).text
    assert "No run like that" in page
    assert str(other) not in listed(page)


def test_days_of_the_filter_are_the_viewers(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    midnight = clock.now().replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=3)
    before = ran(connection, midnight - timedelta(seconds=1))  # 23:59:59 in Manila
    after = ran(connection, midnight)
    day = (midnight + timedelta(hours=8)).date()
    assert listed(admin.get(at(connection, **{"from": day.isoformat()})).text) == [after]
    yesterday = (day - timedelta(days=1)).isoformat()
    assert listed(admin.get(at(connection, to=yesterday)).text) == [before]
    assert listed(admin.get(at(connection, **{"from": "nonsense"})).text) == [after, before]


def test_pages_go_on_where_the_last_one_ended_with_the_filters_kept(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    made = [ran(connection, minutes_ago(100 - n), trigger="manual") for n in range(35)]
    first = admin.get(at(connection, trigger="manual")).text
    assert listed(first) == made[:4:-1]
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    ran(connection, minutes_ago(1), trigger="manual")
    second = admin.get(older[1].replace("&amp;", "&"))
    assert listed(second.text) == made[4::-1]
    assert "trigger=manual" in older[1]


def test_one_run_shows_window_cost_error_and_advice(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    number = ran(
        connection,
        minutes_ago(9),
        seconds=75,
        state="failed",
        error_kind="rate_limited",
        waited_s=4,
    )
    with db.transaction() as session:
        run = session.get_one(Run, number)
        run.error, run.advice, run.warnings = "Too fast.", "It waits as told.", ["An odd time."]
        run.cursor_after = {"position": "page-3", "token": "hush-hush"}
    page = admin.get(f"/connections/{connection.id}/runs/{number}").text
    for words in (
        "Asked to wait",
        "Too fast.",
        "It waits as told.",
        "An odd time.",
        "page-3",
        "1 min",
        "4 s",
    ):
        assert words in page
    assert "hush-hush" not in page


def test_a_run_shows_each_of_its_problems_also_when_a_later_one_had_them_again(
    admin: FlaskClient, session: Session
) -> None:
    with mynaga_server(records=4) as naga:
        naga.add(id="NAGA-BAD", description={"oddly": "not a text"}, api_key="hush-hush-hush")
        with db.transaction():
            number = actions.create_connection(
                kind="mynaga",
                name="Naga",
                base_url=naga.url,
                secret=naga.token,
                allow_http=True,
                actor=SYSTEM,
            ).id
        pull(number, trigger="manual")
        with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
            pull(number, trigger="schedule")
    runs = session.scalars(select(Run.id).order_by(Run.id)).all()
    assert len(runs) == 2
    for run_id in runs:
        page = admin.get(f"/connections/{number}/runs/{run_id}").text
        assert "NAGA-BAD" in page
        assert "not a text" in page
        assert "hush-hush-hush" not in page
    assert session.scalars(select(Quarantine)).one().run_id == runs[1]


def test_a_run_of_another_connection_is_not_found(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    number = ran(make_connection("Pasig"), minutes_ago(9))
    assert admin.get(f"/connections/{connection.id}/runs/{number}").status_code == 404
    assert admin.get(f"/connections/{connection.id}/runs/999999").status_code == 404


def test_only_admins_may_see_runs(
    connection: Connection, ran: Ran, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
) -> None:
    number = ran(connection, minutes_ago(9))
    for person in (people.andres, people.felix, people.nadia):
        client = sign_in(person)
        for address in ("runs", f"runs/{number}", "day"):
            assert client.get(f"/connections/{connection.id}/{address}").status_code in (403, 404)


def test_the_timeline_asks_no_more_for_more_runs(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    ran(connection, minutes_ago(600))
    with selects() as few:
        admin.get(at(connection))
    for n in range(28):
        ran(connection, minutes_ago(500 - n), state="failed", error_kind="dns")
    with selects() as many:
        admin.get(at(connection))
    assert len(many) == len(few)


def test_the_strip_draws_each_run_of_24_hours_and_says_it_in_a_table(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    ran(connection, minutes_ago(25 * 60))
    good = ran(connection, minutes_ago(300), seconds=60, created=4)
    bad = ran(connection, minutes_ago(290), state="failed", error_kind="tls")
    page = admin.get(f"/connections/{connection.id}/day").text
    assert page.count("<rect") == 2
    assert f"/runs/{good}" in page
    assert "Encryption failed" in page
    assert "2 syncs" in page
    assert "1 failed" in page
    assert page.count(f"/runs/{bad}") == 2  # in the drawing and in the table
    assert "style=" not in page
    overview = admin.get(f"/connections/{connection.id}").text
    assert 'id="connection-day"' in overview


def test_a_day_without_a_run_says_so(admin: FlaskClient, connection: Connection) -> None:
    assert "No sync in the last 24 hours." in admin.get(f"/connections/{connection.id}/day").text


def test_the_strip_is_bounded(
    admin: FlaskClient, connection: Connection, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "STRIP", 3)
    made = [ran(connection, minutes_ago(50 - n)) for n in range(5)]
    assert [run.id for run in history.last_day(connection.id)] == made[2:]


def test_bars_stand_where_the_run_began_and_failures_hang_below(
    connection: Connection, ran: Ran, session: Session
) -> None:
    now = clock.now()
    numbers = [
        ran(connection, now - timedelta(hours=12), seconds=1800),
        ran(connection, now - timedelta(hours=6), seconds=2, state="failed", error_kind="dns"),
        ran(connection, now - timedelta(seconds=20), seconds=10),
    ]
    long, failed, last = strip.bars_of([run_row(session, n) for n in numbers], now=now)
    assert (long.x, long.width, long.height) == (720.0, 30.0, strip.HIGHEST)
    assert failed.y > strip.LINE > long.y
    assert last.x + last.width <= strip.WIDTH
    assert strip.LOWEST <= last.height < long.height
    hours = strip.hours_of([run_row(session, n) for n in numbers], now=now)
    assert [(hour.runs, len(hour.failed), hour.longest) for hour in hours] == [
        (1, 0, 10.0), (1, 1, 2.0), (1, 0, 1800.0),
    ]  # fmt: skip
