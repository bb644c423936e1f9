"""Redis is emptied again and again while the whole desk runs: late by at most a minute, nothing lost, nothing doubled."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, create_engine, text

from tests.browser.running import Desk, drop_database, new_desk

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("redis_emptied")]

MINUTE_S = 60.0


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    running = new_desk(tmp_path_factory.mktemp("emptied"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        drop_database(running)


@pytest.fixture
def rows(emptied: Desk) -> Iterator[Callable[..., list[Any]]]:
    """rows(sql, …) reads the desk's own database."""
    url = emptied.extra.get("DATABASE_URL") or f"sqlite:///{emptied.folder / 'tulay.db'}"
    engine: Engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def read(sql: str, **values: object) -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    yield read
    engine.dispose()


@pytest.fixture
def agent(emptied: Desk, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=emptied.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    email, password = emptied.account("agent")
    page.goto("/login")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").first.click()
    expect(page).not_to_have_url(re.compile("/login"))
    yield page
    context.close()


def _flush(desk: Desk) -> None:
    with redis.Redis.from_url(desk.redis_url()) as connection:
        connection.flushall()


def _until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


def _report(desk: Desk, title: str) -> None:
    with httpx.Client(base_url=desk.url, trust_env=False, timeout=20) as person:
        form = person.get("/report").text
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
        fields |= {
            name: value
            for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([^"]+)"', form)
        }
        time.sleep(3.1)  # faster than a person types is taken for a machine
        fields |= {
            "title": title,
            "description": "Water since this morning.",
            "place": "Zone 2",
            "name": "Rosa Dela Cruz",
            "email": "rosa@example.org",
        }
        option = re.search(r'<option value="([^"]+)"', form)
        if option:
            fields["category"] = option.group(1)
        answer = person.post("/report", data=fields)
        assert answer.status_code in (200, 303, 302), answer.text[:500]


def _mails(desk: Desk) -> list[Path]:
    return list((desk.folder / "demo" / "mail").rglob("*.eml"))


def test_emptying_redis_makes_work_late_but_loses_and_doubles_nothing(
    emptied: Desk, rows: Callable[..., list[Any]], agent: Page
) -> None:
    _until(
        lambda: rows("SELECT count(*) FROM sync_run WHERE state = 'ok'")[0][0] >= 2,
        MINUTE_S,
        "first pulls",
    )
    agent.goto("/tickets")
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    titles = []
    for turn in range(2):
        title = f"Burst pipe {turn} {time.time_ns()}"
        titles.append(title)
        _report(emptied, title)  # its mail, its live signals and what else is queued …
        _flush(emptied)  # … are gone from Redis
        assert emptied.order("mynaga", do="add")["done"]
        row = agent.locator("#ticket-rows tr", has_text=title)
        expect(row.first).to_be_visible(timeout=MINUTE_S * 1_000)
        _flush(emptied)
    pulled = rows("SELECT max(id) FROM sync_run")[0][0]
    _until(
        lambda: (
            rows("SELECT count(*) FROM sync_run WHERE id > :i AND state = 'ok'", i=pulled)[0][0]
            >= 1
        ),
        2 * MINUTE_S,  # every minute, and a minute late
        "the schedule of pulls",
    )
    _until(
        lambda: not rows("SELECT id FROM delivery WHERE settled_at IS NULL AND target = 'mail'"),
        MINUTE_S,
        "mails",
    )
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    _once_each(emptied, rows, titles)


def _once_each(desk: Desk, rows: Callable[..., list[Any]], titles: list[str]) -> None:
    for title in titles:
        assert rows("SELECT count(*) FROM ticket WHERE title = :t", t=title)[0][0] == 1
    doubled = rows(
        "SELECT connection_id, kind, external_id FROM link"
        " GROUP BY connection_id, kind, external_id HAVING count(*) > 1"
    )
    assert doubled == []
    sent = rows("SELECT count(*) FROM delivery WHERE target = 'mail' AND state = 'sent'")[0][0]
    assert sent >= len(titles)
    assert len(_mails(desk)) == sent
    records = desk.state("mynaga")["records"]
    mynaga = "SELECT count(*) FROM link JOIN connection c ON c.id = connection_id WHERE c.kind = 'mynaga'"
    assert rows(mynaga)[0][0] == records
