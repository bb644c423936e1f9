"""Statistics: known runs in, known numbers out; written with the end of a run, rebuilt to the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.counting import selects
from tests.figures.conftest import Ran, make_connection
from webapp.core import db
from webapp.sync import tasks
from webapp.sync.models import Connection, Run
from webapp.sync.statistics import readings
from webapp.sync.statistics.models import RunShare, RunTotal

MANILA = ZoneInfo("Asia/Manila")
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # in Manila


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Before anybody signs in."""
    with time_machine.travel(NOON, tick=True):
        yield


def totals(session: Session) -> list[tuple[object, ...]]:
    session.rollback()
    rows = session.execute(select(RunTotal.__table__).order_by("connection_id", "slot")).all()
    shares = session.execute(
        select(RunShare.__table__).order_by("connection_id", "slot", "kind", "name")
    ).all()
    return [tuple(row) for row in (*rows, *shares)]


def some_runs(connection: Connection, ran: Ran) -> None:
    """Two days in Manila: 19 Nov two good ones, one refused; 20 Nov one good one, one stopped."""
    ran(connection, datetime(2026, 11, 18, 16, 0, tzinfo=UTC), seconds=1, created=4, unchanged=6)
    ran(connection, datetime(2026, 11, 19, 2, 0, tzinfo=UTC), seconds=3, updated=2, quarantined=1)
    ran(
        connection,
        datetime(2026, 11, 19, 15, 59, tzinfo=UTC),
        seconds=20,
        state="failed",
        error_kind="timeout",
    )
    ran(connection, datetime(2026, 11, 19, 16, 0, tzinfo=UTC), seconds=5, created=1)
    ran(connection, datetime(2026, 11, 19, 16, 1, tzinfo=UTC), seconds=900, state="cancelled")


def test_days_are_cut_at_midnight_of_the_viewer(connection: Connection, ran: Ran) -> None:
    some_runs(connection, ran)
    found = readings.figures_of(connection.id, period="7d", zone=MANILA)
    yesterday, today = found.columns[-2:]
    assert (yesterday["created"], yesterday["updated"], yesterday["quarantined"]) == (4, 2, 1)
    assert (yesterday["ok"], yesterday["failed"], yesterday.errors) == (2, 1, {"timeout": 1})
    assert (today["created"], today["ok"], today["cancelled"]) == (1, 1, 1)
    assert (yesterday.median, yesterday.p90) == (3.0, 20.0)
    assert today.median == 5.0  # the one that was stopped tells no length
    assert (found.whole.finished, found.whole.success) == (4, 0.75)
    in_utc = readings.figures_of(connection.id, period="7d", zone=UTC)
    assert [each["created"] for each in in_utc.columns[-3:]] == [4, 1, 0]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (
            datetime(2026, 3, 29, tzinfo=UTC),
            datetime(2026, 3, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 29, 21, 59, tzinfo=UTC),
        ),
        (
            datetime(2026, 10, 25, tzinfo=UTC),
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
        ),
    ],
    ids=["23 hours", "25 hours"],
)
def test_a_day_in_which_the_clocks_move_holds_its_own_runs_and_no_others(
    connection: Connection, ran: Ran, day: datetime, first: datetime, last: datetime
) -> None:
    minute = timedelta(minutes=1)
    for at, created in ((first - minute, 1), (first, 10), (last, 100), (last + minute, 1000)):
        ran(connection, at, created=created)
    with time_machine.travel(day + timedelta(days=2), tick=False):
        found = readings.figures_of(connection.id, period="7d", zone=PARIS)
    by_day = {start.date(): each["created"] for start, each in found.pairs()}
    assert by_day[day.date()] == 110
    assert by_day[day.date() - timedelta(days=1)] == 1
    assert by_day[day.date() + timedelta(days=1)] == 1000


def test_the_last_24_hours_go_by_the_hour(connection: Connection, ran: Ran) -> None:
    ran(connection, NOON - timedelta(minutes=30), created=2)
    ran(connection, NOON - timedelta(hours=5), created=3)
    ran(connection, NOON - timedelta(hours=30), created=5)
    found = readings.figures_of(connection.id, period="24h", zone=MANILA)
    assert [each["created"] for each in found.columns[-7:]] == [0, 3, 0, 0, 0, 2, 0]
    assert found.whole["created"] == 5


def test_a_rebuild_comes_to_the_same_and_mends_what_is_wrong(
    app: Flask, connection: Connection, ran: Ran, session: Session
) -> None:
    some_runs(connection, ran)
    other = make_connection("Pasig")
    ran(other, NOON, created=7)
    before = totals(session)
    with db.transaction() as current:
        current.execute(update(RunTotal).values(created=99))
        current.execute(delete(RunShare))
    said = app.test_cli_runner().invoke(args=["rebuild-statistics"]).output
    assert f"Connection {connection.id}: 5 runs counted." in said
    assert totals(session) == before
    assert before


def test_a_run_counts_once_and_only_when_it_has_ended(
    connection: Connection, ran: Ran, session: Session
) -> None:
    number = ran(connection, NOON - timedelta(hours=1), state="running", created=3)
    assert totals(session) == []
    with db.transaction() as current:
        current.execute(
            update(Connection)
            .where(Connection.id == connection.id)
            .values(lease_token="dead", lease_until=NOON - timedelta(minutes=5))
        )
    tasks.release_expired_leases()
    tasks.release_expired_leases()
    assert session.get_one(Run, number, populate_existing=True).error_kind == "interrupted"
    whole = readings.figures_of(connection.id, period="24h", zone=UTC).whole
    assert (whole["created"], whole["failed"], whole.errors) == (3, 1, {"interrupted": 1})


def test_an_end_that_is_rolled_back_counts_for_nothing(
    connection: Connection, ran: Ran, session: Session
) -> None:
    with pytest.raises(RuntimeError), db.transaction():
        ran(connection, NOON, created=3)
        raise RuntimeError
    assert totals(session) == []


def test_the_page_draws_the_figures_and_says_them_in_tables(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    some_runs(connection, ran)
    page = admin.get(f"/connections/{connection.id}/statistics").text
    assert "75 %" in page
    assert "5 created, 2 updated" in page
    assert "No answer in time" in page
    assert page.count("chart__svg") == 4
    assert "20 Nov: created 1, updated 0, could not be read 0" in page
    assert "style=" not in page
    assert 'aria-current="true">7 days' in page


def test_all_connections_together_and_beside_each_other(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    some_runs(connection, ran)
    ran(make_connection("Pasig"), NOON - timedelta(hours=1), created=30)
    page = admin.get("/connections/statistics?period=30d").text
    assert "35 created, 2 updated" in page
    assert "Pasig" in page
    assert "Naga" in page
    assert "Pasig" not in admin.get(f"/connections/{connection.id}/statistics").text


def test_the_file_holds_every_figure_of_every_day(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    some_runs(connection, ran)
    answer = admin.get(f"/connections/{connection.id}/statistics.csv?period=7d")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["start"] for row in rows][-2:] == ["2026-11-19", "2026-11-20"]
    assert rows[-2]["runs_failed"] == "1"
    assert rows[-2]["errors"] == "timeout=1"
    assert rows[-2]["p90_s"] == "20.0"
    assert rows[0]["success_rate"] == ""
    hours = admin.get("/connections/statistics.csv?period=24h").text
    assert "2026-11-20T12:00+08:00" in hours


@pytest.mark.parametrize("period", ["24h", "7d", "30d", "90d", "for ever"])
def test_empty_statistics_say_so(admin: FlaskClient, connection: Connection, period: str) -> None:
    page = admin.get(f"/connections/{connection.id}/statistics", query_string={"period": period})
    assert page.status_code == 200
    assert "No sync has failed in this time." in page.text


def test_the_pages_ask_the_same_number_of_questions_however_much_there_is(
    admin: FlaskClient, connection: Connection, ran: Ran
) -> None:
    def asked(address: str) -> list[str]:
        with selects() as found:
            assert admin.get(address).status_code == 200
        return found

    addresses = [
        f"/connections/{connection.id}/statistics?period=90d",
        "/connections/statistics?period=90d",
    ]
    before = [len(asked(address)) for address in addresses]
    for n in range(12):
        ran(connection, NOON - timedelta(days=n * 7), created=n, seconds=n + 1)
    found = [asked(address) for address in addresses]
    assert [len(each) for each in found] == before
    runs_read = [each for each in found[1] if "FROM sync_run " in each]
    assert runs_read == []


def test_only_admins_may_see_them(
    connection: Connection, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
) -> None:
    for person in (people.andres, people.fina, people.nadia):
        client = sign_in(person)
        for address in ("/connections/statistics", f"/connections/{connection.id}/statistics.csv"):
            assert client.get(address).status_code in (403, 404)
