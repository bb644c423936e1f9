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
