"""One person in two windows, and a reporter: what is told on one is told on both, what is read on one is read on both."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import Desk
from tests.browser.test_main_job import Open, _report

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


def _unread(page: Page) -> int:
    return int(page.locator("#bell-count").get_attribute("data-unread") or 0)


def _toasts_stay(page: Page, how_long: str) -> None:
    page.goto("/me/notifications")
    page.get_by_label("They stay for").select_option(how_long)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("They stay for").locator("option:checked")).to_have_text(how_long)


def test_the_bell_and_the_toasts_of_one_person_in_two_windows(window: Open, desk: Desk) -> None:
    title = f"Dark lamp {time.time_ns()}"
    first, second, reporter = window("agent"), window("agent", width=390), window()
    _toasts_stay(first, "30 seconds")
    for page in (first, second):
        page.clock.install()
        page.goto("/me/notifications")
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
    before = _unread(first)
    follow = _report(reporter, title)

    toasts = [page.locator(".toast--new").filter(has_text=title) for page in (first, second)]
    for page, toast in zip((first, second), toasts, strict=True):
        expect(toast).to_contain_text("New")
        expect(page.locator("#bell-count")).not_to_have_attribute("data-unread", str(before))
        assert page.title().startswith(f"({_unread(page)}) ")
    expect(first.get_by_role("region", name="News")).to_have_attribute("aria-live", "polite")
    toasts[0].hover()
    for page in (first, second):
        page.clock.fast_forward(31_000)
    expect(toasts[1]).to_have_count(0)
    expect(toasts[0]).to_have_count(1)  # it stays while pointed at
    toasts[0].get_by_role("button", name="Close").click()
    expect(toasts[0]).to_have_count(0)

    unread = _unread(second)
    first.locator(".bell__button").focus()  # by keyboard alone
    first.keyboard.press("Enter")
    row = first.locator("#bell-list .notice-row").filter(has_text=title)
    expect(row).to_have_class(re.compile("is-unread"))
    row.get_by_role("button", name="Mark as read").focus()
    first.keyboard.press("Enter")
    expect(row).not_to_have_class(re.compile("is-unread"))
    expect(second.locator("#bell-count")).to_have_attribute("data-unread", str(unread - 1))
    row.get_by_role("button", name="Mark as unread").click()
    expect(second.locator("#bell-count")).to_have_attribute("data-unread", str(unread))

    second.locator(".bell__button").click()
    second.locator("#bell-list").get_by_role("link", name=re.compile(title)).click()
    expect(second.get_by_role("heading", level=1)).to_contain_text(title)
    expect(first.locator("#bell-count")).to_have_attribute("data-unread", str(unread - 1))
    first.keyboard.press("Escape")
    expect(first.locator("#bell-list")).to_be_hidden()

    second.get_by_role("button", name="Mute").click()
    expect(second.locator("#ticket-told")).to_contain_text("Muted")
    silent = _unread(first)
    reporter.goto(follow)
    reporter.locator("#reply textarea").fill("It is still dark.")
    reporter.locator("#reply button[type=submit]").click()
    expect(second.get_by_text("It is still dark.").first).to_be_visible()
    assert _unread(first) == silent

    first.goto("/notifications")
    expect(first.locator("#notices")).to_contain_text(title)
    second.goto("/notifications")
    second.get_by_role("button", name="Delete all").click()
    second.locator("dialog").get_by_role("button", name="Delete all").click()
    expect(first.locator("#notices")).to_contain_text("No notices")
    expect(first.locator("#bell-count")).to_have_attribute("data-unread", "0")
