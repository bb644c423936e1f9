"""What the keyboard and the eye find on the pages of tickets, in a real browser."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.serving import enter, serving, window_on
from tests.tickets.make import make_ticket

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("button", ["Undo", "Send now"])
def test_after_an_answer_was_called_back_or_let_go_the_keyboard_is_in_the_composer(
    app: Flask, people: SimpleNamespace, browser: Browser, button: str
) -> None:
    ticket = make_ticket()
    with serving(app) as address:
        page = window_on(browser, address).new_page()
        enter(page, people.andres.email)
        page.goto(f"/tickets/{ticket.ref}")
        composer = page.locator("#composer-body")
        composer.fill("On our way")
        composer.press("Control+Enter")
        page.locator(".message--sending").get_by_role("button", name=button).press("Enter")
        expect(page.locator(".message--sending")).to_have_count(0)
        expect(composer).to_have_value("On our way" if button == "Undo" else "")
        expect(composer).to_be_focused()
        page.context.close()


def test_the_columns_are_chosen_from_the_head_of_the_list(
    app: Flask, people: SimpleNamespace, browser: Browser
) -> None:
    make_ticket()
    with serving(app) as address:
        page = window_on(browser, address, viewport={"width": 1280, "height": 500}).new_page()
        enter(page, people.andres.email)
        page.goto("/tickets")
        page.get_by_role("button", name="Columns").click(timeout=5000)
        page.get_by_label("Team").check()
        page.get_by_role("button", name="Show these columns").click()
        expect(page.get_by_role("columnheader", name="Team")).to_be_visible()
        page.context.close()


TELL = """(news) => document.dispatchEvent(new CustomEvent("live:toast", {detail: {data: JSON.stringify({kind: "updated", ...news})}}))"""


def test_news_that_comes_on_two_ways_stands_once_and_leads_there(
    app: Flask, people: SimpleNamespace, browser: Browser
) -> None:
    resolved = "Your report is now: Resolved"
    with serving(app) as address:
        page = window_on(browser, address).new_page()
        enter(page, people.rosa.email)
        toasts = page.locator(".toast", has_text=resolved)
        page.evaluate(TELL, {"text": resolved})  # by the follow link
        page.evaluate(TELL, {"text": resolved, "url": "/follow/one"})  # by one's own notice
        page.evaluate(TELL, {"text": resolved})
        expect(toasts).to_have_count(1)
        expect(toasts.locator("a")).to_have_attribute("href", "/follow/one")
        page.evaluate(TELL, {"text": resolved, "url": "/follow/two"})  # of another report
        expect(toasts).to_have_count(2)
        page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_head_of_the_list_takes_no_line_more_for_the_columns(
    app: Flask, people: SimpleNamespace, browser: Browser, width: int
) -> None:
    make_ticket()
    with serving(app) as address:
        page = window_on(browser, address, viewport={"width": width, "height": 844}).new_page()
        enter(page, people.andres.email)
        page.goto("/tickets")
        kept = page.get_by_role("link", name="Save this list").bounding_box()
        columns = page.get_by_role("button", name="Columns").bounding_box()
        head = page.locator(".page-header").bounding_box()
        assert kept
        assert columns
        assert head
        assert abs(kept["y"] + kept["height"] / 2 - columns["y"] - columns["height"] / 2) < 5
        assert head["height"] < (60 if width == 1280 else 120)
        page.context.close()
