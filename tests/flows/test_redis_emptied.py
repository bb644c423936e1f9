"""Redis is emptied again and again while the whole desk runs: late by at most a minute, nothing lost, nothing doubled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.browser.running import Desk
from tests.flows.acting import mails_doubled, once_each, report, until

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("hurt")]

# A minute late at most, on a machine that does nothing else; others have twice as long.
PATIENCE_S = 180.0


def _flush(desk: Desk) -> None:
    with redis.Redis.from_url(desk.redis_url()) as connection:
        connection.flushall()


def test_emptying_redis_makes_work_late_but_loses_and_doubles_nothing(
    own_desk: Desk, rows: Callable[..., list[Any]], agent: Page
) -> None:
    until(
        lambda: rows("SELECT count(*) FROM sync_run WHERE state = 'ok'")[0][0] >= 2,
        PATIENCE_S,
        "first pulls",
    )
    doubled = mails_doubled(own_desk)  # by other tests
    agent.goto("/tickets")
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    titles = []
    for turn in range(2):
        title = f"Burst pipe {turn} {time.time_ns()}"
        titles.append(title)
        report(own_desk, title)  # its mail, its live signals and what else is queued …
        _flush(own_desk)  # … are gone from Redis
        assert own_desk.order("mynaga", do="add")["done"]
        row = agent.locator("#ticket-rows tr", has_text=title)
        expect(row.first).to_be_visible(timeout=PATIENCE_S * 1_000)
        _flush(own_desk)
    pulled = rows("SELECT max(id) FROM sync_run")[0][0]
    until(
        lambda: (
            rows("SELECT count(*) FROM sync_run WHERE id > :i AND state = 'ok'", i=pulled)[0][0]
            >= 1
        ),
        2 * PATIENCE_S,  # every minute, and a minute late
        "the schedule of pulls",
    )
    until(
        lambda: not rows("SELECT id FROM delivery WHERE settled_at IS NULL AND target = 'mail'"),
        PATIENCE_S,
        "mails",
    )
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    once_each(own_desk, rows, titles, resent=doubled)
