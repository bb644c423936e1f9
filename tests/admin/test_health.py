"""/health for people, /healthz and /readyz for machines, /metrics for Prometheus and nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from webapp.admin import probes
from webapp.core import db
from webapp.core import settings as core_settings
from webapp.core.redis import client as redis_client
from webapp.core.ticking import BEAT_KEY
from webapp.realtime import roundtrip
from webapp.realtime.roundtrip import Found


@pytest.fixture
def migrated(app: object) -> Iterator[None]:
    """The schema's mark, as `db upgrade` leaves it (tests make their tables without it)."""
    engine = db.db.engine
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:r)"), {"r": probes.wanted_revision()}
        )
    yield
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


@pytest.fixture
def redis_away(app: object) -> Iterator[None]:
    settings = core_settings.current()
    core_settings.install(settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"}))
    yield
    core_settings.install(settings)


def test_alive_asks_for_nothing(client: FlaskClient, redis_away: None) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_ready_names_each_part(client: FlaskClient, migrated: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["ready"] is True
    assert set(answer.json["checks"]) == {
        "database", "migrations", "redis", "workers", "scheduler", "live", "mail", "mailbox", "backup", "deliveries",
    }  # fmt: skip
    assert answer.json["checks"]["workers"]["state"] == "broken"


def test_not_ready_when_the_schema_is_of_another_release(
    client: FlaskClient, migrated: None
) -> None:
    with db.db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["migrations"]["state"] == "broken"


def test_a_database_that_is_away_is_told_by_both(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "_database_seconds", lambda: None)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["database"]["state"] == "broken"
    assert 'tulay_part_ok{part="database"} 0.0' in client.get("/metrics").text


def test_still_ready_without_redis_and_says_that_it_is_away(
    client: FlaskClient, migrated: None, redis_away: None
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["checks"]["redis"]["state"] == "broken"


def test_strangers_learn_states_and_no_texts(client: FlaskClient, migrated: None) -> None:
    answer = client.get("/readyz").json
    assert answer is not None
    assert all(set(check) == {"state", "essential"} for check in answer["checks"].values())


def test_the_page_says_what_to_do_about_what_is_not_well(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None
) -> None:
    page = sign_in(people.amihan).get("/health").text
    assert "python worker.py" in page
    assert "MAIL_SERVER" in page
    assert "No upstream is connected." in page


def test_a_scheduler_that_beats_is_well(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None
) -> None:
    redis_client().set(BEAT_KEY, f"{time.time():.0f} 1234")
    assert "Last beat" in sign_in(people.amihan).get("/health").text


def test_the_page_stands_without_redis(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None, redis_away: None
) -> None:
    page = sign_in(people.amihan).get("/health").text
    assert "REDIS_URL" in page
    assert "Unknown while Redis is away." in page


def test_programs_get_one_word_for_the_whole(client: FlaskClient, migrated: None) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "degraded"
    assert "workers" in answer.json["ailing"]
    assert answer.json["checks"]["database"] == "ok"
    assert set(answer.json) == {"status", "time", "ailing", "checks"}
    with db.db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json and answer.json["status"]) == (503, "down")


def test_the_page_says_which_lines_of_which_proxy_hold_live_pages_back(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None
) -> None:
    found = Found(roundtrip.HELD, time.time(), via="nginx/1.22.1", said="ReadTimeout")
    redis_client().set(roundtrip.KEY, json.dumps(asdict(found)))
    page = sign_in(people.amihan).get("/health").text
    assert "proxy_buffering off;" in page
    assert "flush_interval" not in page  # of another proxy
    assert "Pages ask every five seconds instead, and say so." in page


def test_the_round_trip_can_be_asked_for_and_says_that_nothing_answers(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None
) -> None:
    settings = core_settings.current()
    core_settings.install(settings.model_copy(update={"base_url": "http://127.0.0.1:9"}))
    try:
        page = sign_in(people.amihan).post("/health/live", headers={"HX-Request": "true"}).text
    finally:
        core_settings.install(settings)
    assert "Nothing answers at http://127.0.0.1:9 (ConnectError)." in page
    assert "BASE_URL" in page
    assert sign_in(people.andres).post("/health/live").status_code == 403


def test_a_scraper_on_this_machine_gets_the_figures(client: FlaskClient, migrated: None) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert 'tulay_part_ok{part="database"} 1.0' in answer.text
    assert 'tulay_tickets{status="open"} 0.0' in answer.text
    assert 'tulay_deliveries{state="parked"} 0.0' in answer.text
    assert "tulay_workers 0.0" in answer.text


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"},
    ],
)
def test_strangers_find_no_figures(client: FlaskClient, environ: dict[str, str]) -> None:
    assert client.get("/metrics", environ_overrides=environ).status_code == 404


def test_an_admin_gets_the_figures_from_anywhere_and_an_agent_does_not(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], migrated: None
) -> None:
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert sign_in(people.amihan).get("/metrics", environ_overrides=far).status_code == 200
    assert sign_in(people.andres).get("/metrics", environ_overrides=far).status_code == 404
