"""What is measured becomes a state, words and advice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from webapp.admin import health
from webapp.admin.health import BROKEN, OFF, OK, TROUBLE

QUEUES = ("deliver", "default", "pull")


@pytest.fixture(autouse=True)
def _words(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_a_database_that_is_away_makes_the_desk_not_ready() -> None:
    check = health.database(None)
    assert check.state == BROKEN
    assert "DATABASE_URL" in check.advice
    assert not health.ready([check])


def test_a_slow_database_is_trouble_but_serves_pages() -> None:
    check = health.database(0.8)
    assert (check.state, health.ready([check])) == (TROUBLE, True)


def test_a_schema_of_another_release_is_not_ready_and_says_what_to_run() -> None:
    check = health.migrations("0001", wanted="0002")
    assert "db upgrade" in check.advice
    assert not health.ready([check])
    assert health.ready([health.migrations("0002", wanted="0002")])


@pytest.mark.parametrize(
    "check",
    [
        lambda: health.redis(None),
        lambda: health.workers([], wanted=QUEUES),
        lambda: health.scheduler(None),
        lambda: health.mail(False, waiting=3),
    ],
)
def test_what_only_delays_work_does_not_stop_pages(check: object) -> None:
    found = check()  # type: ignore[operator]
    assert found.state in (BROKEN, OFF)
    assert found.advice
    assert health.ready([found])


def test_no_worker_and_no_scheduler_say_how_to_start_one() -> None:
    assert "python worker.py" in health.workers([], wanted=QUEUES).advice
    assert "--scheduler" in health.scheduler(None).advice


def test_a_queue_that_nobody_serves_is_named() -> None:
    check = health.workers([["deliver"], ["deliver", "default"]], wanted=QUEUES)
    assert check.state == TROUBLE
    assert "pull" in check.text


def test_workers_that_serve_all_queues_are_well() -> None:
    assert health.workers([["deliver"], ["default", "pull"]], wanted=QUEUES).state == OK


def test_workers_are_unknown_rather_than_dead_while_redis_is_away() -> None:
    assert health.workers(None, wanted=QUEUES).state == TROUBLE
    assert health.scheduler(None, redis_away=True).state == TROUBLE


@pytest.mark.parametrize(("silent", "state"), [(2, OK), (29, OK), (31, BROKEN), (None, BROKEN)])
def test_a_scheduler_must_have_beaten_lately(silent: float | None, state: str) -> None:
    assert health.scheduler(silent).state == state


def test_no_mail_server_says_which_setting_is_missing_and_that_mails_wait() -> None:
    check = health.mail(False, waiting=2)
    assert "2 mails wait" in check.text
    assert "MAIL_SERVER" in check.advice


def test_a_mail_server_that_refuses_is_quoted() -> None:
    check = health.mail(True, waiting=1, failing="The mail server refused the password.")
    assert check.state == TROUBLE
    assert "refused the password" in check.text


def test_parked_deliveries_need_somebody() -> None:
    assert health.deliveries(None, parked=1).state == TROUBLE
    assert health.deliveries(timedelta(minutes=20), parked=0).state == TROUBLE
    assert health.deliveries(timedelta(minutes=1), parked=0).state == OK
