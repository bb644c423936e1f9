"""Behaviours of the page frame that only a browser can show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
Open = Callable[..., Page]
PAGES = (
    "/",
    "/tickets",
    "/connections",
    "/outbox",
    "/audit",
    "/health",
    "/settings",
    "/account",
    "/demo/styleguide",
)


def test_the_chosen_colours_stay_on_the_next_page(window: Open) -> None:
    page = window("agent")
    page.get_by_role("button", name=re.compile("^Account")).click()
    page.get_by_label("Dark").check()
    page.goto("/account")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_menu_of_a_narrow_screen_opens_and_closes_by_keyboard(window: Open) -> None:
    page = window("agent", width=390, height=844)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu.get_by_role("link", name="Tickets")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_screen(window: Open, width: int) -> None:
    page = window("admin", width=width)
    wider = []
    for path in PAGES:
        page.goto(path)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wider.append((path, over))
    assert wider == []


def test_what_was_typed_survives_a_reload_until_it_is_sent(window: Open) -> None:
    page = window()
    page.goto("/report")
    title = page.locator("[name=title]")
    title.fill("Drain blocked at the market")
    page.reload()  # before the draft is kept, 400 ms after the last key
    expect(title).to_have_value("Drain blocked at the market")
    page.locator("textarea[name=description]").fill("The water stands ankle deep after each rain.")
    if page.locator("select[name=category]").count():
        page.locator("select[name=category]").select_option(index=1)
    page.wait_for_timeout(3_100)  # faster than a person types is taken for a machine
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("a[href*='/follow/']").first).to_be_visible()
    page.goto("/report")
    expect(title).to_have_value("")


def test_the_first_tab_offers_to_skip_to_the_content(window: Open) -> None:
    page = window("agent")
    page.goto("/tickets")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
