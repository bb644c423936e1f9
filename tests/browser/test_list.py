"""The list of tickets under an agent's hands: by keyboard, and while it lives."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.realtime.conftest import until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]


def report(page, title: str) -> None:
    """Somebody reports by the public form."""
    page.goto("/report")
    page.get_by_label("What is it about?").fill(title)
    page.get_by_label("What happened?").fill("Nobody came to look at it.")
    page.get_by_label("Where?").fill("Zone 2, near the chapel")
    page.get_by_label(re.compile("^Name")).fill("Rosa Dela Cruz")
    page.get_by_label(re.compile("^E-mail")).fill("rosa@example.org")
    if page.locator("select[name=category]").count():
        page.locator("select[name=category]").select_option(index=1)
    page.wait_for_timeout(3_100)  # faster than a person types is taken for a machine
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("a[href*='/follow/']").first).to_be_visible()


def test_an_agent_walks_the_list_by_keys_alone(window) -> None:
    page = window("agent")
    page.goto("/tickets?status=all")
    expect(page.locator("#ticket-rows tr").nth(2)).to_be_visible()
    focused = page.locator("#ticket-rows tr:has(a:focus)")
    page.keyboard.press("j")
    first = focused.get_attribute("id")
    page.keyboard.press("j")
    second = focused.get_attribute("id")
    assert first != second
    page.keyboard.press("k")
    assert focused.get_attribute("id") == first
    page.keyboard.press("x")
    expect(page.locator(f"#{first} input[name=pick]")).to_be_checked()
    page.keyboard.press("/")
    expect(page.locator("#f-q")).to_be_focused()
    page.keyboard.type("jjx/")
    expect(page.locator("#f-q")).to_have_value("jjx/")
    page.locator("#f-q").fill("")
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/tickets/T-"))
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r"/tickets$"))
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(re.compile(r"/$"))


def test_a_new_ticket_waits_while_the_list_is_pointed_at(window) -> None:
    page, stranger = window("agent"), window()
    page.goto("/tickets")
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
    page.locator("#ticket-rows tr").nth(1).hover()
    first = page.locator("#ticket-rows tr").first.get_attribute("id")
    page.wait_for_timeout(2000)  # the mouse rests
    report(stranger, "Dark corner at the pier")
    pill = page.locator(".live-pill")
    expect(pill).to_be_visible()
    assert page.locator("#ticket-rows tr").first.get_attribute("id") == first
    pill.click()
    expect(page.get_by_role("link", name="Dark corner at the pier")).to_be_visible()


# The reason stands for a few seconds: on a busy machine whoever asks from outside may come too late.
REASONS = """(row) => {
  window.reasons = [];
  new MutationObserver(() => {
    for (const each of document.querySelectorAll(`#${row} .row-reason`)) window.reasons.push(each.textContent);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_a_ticket_that_leaves_the_list_says_why(window) -> None:
    page, other = window("agent"), window("admin")
    page.goto("/tickets?status=open&sort=oldest")
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
    row = page.locator("#ticket-rows tr").first
    name, address = row.get_attribute("id"), row.locator("th a").get_attribute("href")
    page.evaluate(REASONS, name)
    other.goto(address)
    other.locator("form[action$='/status'] select").select_option("in_progress")
    other.locator("form[action$='/status'] button").first.click()
    until(lambda: "In progress" in page.evaluate("window.reasons.join()"), "the row says why")
    expect(page.locator(f"#{name}")).to_have_count(0)


def test_on_a_phone_what_is_seldom_done_waits_behind_one_button_and_ticking_brings_the_bulk_bar(
    window,
) -> None:
    page = window("agent", width=390)
    page.goto("/tickets?status=all")
    change = page.get_by_role("button", name="Change or answer")
    expect(page.get_by_role("button", name="XLSX")).to_be_hidden()
    expect(change).to_be_hidden()
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("button", name="XLSX")).to_be_visible()
    expect(page.get_by_role("link", name="Import")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="XLSX")).to_be_hidden()

    page.locator("#ticket-rows input[name=pick]").first.check()
    expect(change).to_be_in_viewport()
    change.click()
    page.wait_for_url("**/tickets/many**")
