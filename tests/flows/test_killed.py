"""Each process is killed (-9) while people work: it comes back, and nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import Desk
from tests.conftest import PATIENCE_S
from tests.flows.acting import once_each, report, until
from tests.processes import STARTS_WITHIN_S

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("hurt")]

PARTS = {
    "web": "web",
    "workers": "worker",
    "scheduler": "scheduler",
    "redis": "redis-server",
    "upstreams and mail catcher": "demo",
}


def _kill(desk: Desk, process: str) -> set[int]:
    victims = desk.processes(process)
    assert victims, process
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, PATIENCE_S)
    return {victim.pid for victim in victims}


def _others(desk: Desk, process: str, dead: set[int]) -> set[int]:
    return {each.pid for each in desk.processes(process)} - dead


def test_whatever_is_killed_comes_back_and_loses_nothing(
    own_desk: Desk, rows: Callable[..., list[Any]], agent: Page
) -> None:
    until(
        lambda: rows("SELECT count(*) FROM sync_run WHERE state = 'ok'")[0][0] >= 2,
        STARTS_WITHIN_S,
        "first pulls",
    )
    agent.goto("/tickets")
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    titles = []
    for name, process in PARTS.items():
        title = f"Broken rail, {name} {time.time_ns()}"
        report(own_desk, title)
        titles.append(title)
        dead = _kill(own_desk, process)
        back = partial(_others, own_desk, process, dead)
        until(back, STARTS_WITHIN_S, f"{name} back")
        row = agent.locator("#ticket-rows tr", has_text=title)
        expect(row.first).to_be_visible()
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    until(
        lambda: not rows("SELECT id FROM delivery WHERE settled_at IS NULL AND target = 'mail'"),
        STARTS_WITHIN_S,
        "mails",
    )
    asked = rows("SELECT max(id) FROM sync_run")[0][0]
    until(
        lambda: rows(
            "SELECT count(*) FROM sync_run WHERE state = 'ok' AND id > :i AND connection_id = 1",
            i=asked,
        )[0][0],
        STARTS_WITHIN_S,
        "another pull",
    )
    once_each(own_desk, rows, titles, resent=len(titles))
    for run in rows(
        "SELECT fetched, created + updated + unchanged + deferred + skipped + quarantined FROM sync_run"
    ):
        assert run[0] == run[1]
