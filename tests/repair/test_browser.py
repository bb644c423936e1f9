"""The repair pages in a real browser: by keyboard, and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.fakes.upstreams import Server
from tests.repair.conftest import conflicts, drift, rows, who_decides
from tests.repair.test_missing import lose
from tests.repair.test_reconcile import begin, forget
from tests.serving import enter, serving, window_on
from tests.sync.test_push import decide
from webapp.outbox.models import Delivery

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def address(app: Flask, people: SimpleNamespace) -> Iterator[str]:
    with serving(app) as its_address:
        yield its_address


@pytest.fixture
def troubled(naga: Server, pulled: tuple[int, str], run: Any, people: SimpleNamespace) -> int:
    """A connection with one of each kind of problem, and differences on both sides."""
    connection_id, report = pulled
    who_decides(connection_id, "status", "ask")
    gone, drifted = (naga.add(status="Submitted")["id"] for _ in range(2))
    naga.add(id="NAGA-BAD", description={"oddly": "not a text"})
    naga.add(status="Under Review")
    run(connection_id)
    lose(naga, connection_id, gone)
    decide(report, "resolved")
    naga.edit(report, status="For Rerouting")
    run(connection_id)
    forget(drifted, category="Waste", description="We wrote this ourselves, at some length. " * 6)
    naga.add(status="Submitted", category="Lights")
    begin(connection_id)
    return connection_id


def signed_in(browser: Chromium, address: str, width: int) -> Page:
    page = window_on(browser, address, viewport={"width": width, "height": 900}).new_page()
    enter(page, "amihan@example.org")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_no_repair_page_is_wider_than_the_screen(
    browser: Chromium, address: str, troubled: int, width: int
) -> None:
    page = signed_in(browser, address, width)
    parked = rows(Delivery)[0].id
    where = f"/connections/{troubled}"
    tabs = ("problems", "deliveries", "reconcile", "settings")
    for path in [*(f"{where}/{tab}" for tab in tabs), "/outbox", f"/outbox/{parked}"]:
        page.goto(path)
        _picture(page, path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(f"{where}/reconcile")
    page.select_option("#repair select[name=which]", "all")
    page.click("text=Take theirs …")
    expect(page.locator("#would")).to_contain_text("would be taken 2 times")
    _picture(page, "preview", width)
    page.click("text=Repair them")
    expect(page.locator("#many-progress")).to_contain_text("2 differences are repaired")
    _picture(page, "done", width)
    page.context.close()


def test_a_conflict_is_decided_and_a_difference_repaired_by_keyboard_alone(
    browser: Chromium, address: str, troubled: int
) -> None:
    page = signed_in(browser, address, 1280)
    page.goto(f"/connections/{troubled}/problems")
    page.get_by_role("button", name="Take theirs").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("text=Their value is taken.").first).to_be_visible()
    assert [row.decision for row in conflicts()] == ["upstream"]

    page.goto(f"/connections/{troubled}/reconcile?kind=field&field=category")
    page.locator("#drift input[name=ids]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Take theirs …").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Repair them").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#many-progress")).to_contain_text("1 difference is repaired")
    assert [row.field for row in drift() if row.state == "taken"] == ["category"]
    page.context.close()


def _picture(page: Page, name: str, width: int) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        page.wait_for_timeout(400)
        page.screenshot(
            path=f"{folder}/{name.strip('/').replace('/', '-')}-{width}.png", full_page=True
        )
