"""Who is at a ticket shows on its row in the list, live, and moves nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.serving import enter, serving, window_on
from tests.tickets.make import make_ticket
from webapp.accounts.models import User

pytestmark = pytest.mark.browser

PLACES = "e => e.map(one => one.getBoundingClientRect().top)"


def _sign_in(browser: Browser, address: str, person: User) -> Page:
    page = window_on(browser, address).new_page()
    enter(page, person.email)
    return page


def test_initials_come_and_go_on_a_row_while_the_list_stands_still(
    app: Flask, people: SimpleNamespace, browser: Browser
) -> None:
    _first, second, _third = [make_ticket(title=f"Lamp {number}") for number in range(3)]
    ref, row = second.ref, f"#ticket-{second.id}-row"
    with serving(app) as address:
        amihan = _sign_in(browser, address, people.amihan)
        amihan.goto("/tickets")
        amihan.wait_for_selector("#live-state[data-state=live]")
        before = amihan.eval_on_selector_all("#ticket-rows tr", PLACES)
        andres = _sign_in(browser, address, people.andres)
        andres.goto(f"/tickets/{ref}")
        here = amihan.wait_for_selector(f"{row} .row-here")
        assert "Andres is looking at this" in (here.text_content() or "")
        assert amihan.locator(".row-here").count() == 1
        assert amihan.eval_on_selector_all("#ticket-rows tr", PLACES) == before
        andres.locator("textarea[name=body]").first.press_sequentially("On")
        amihan.wait_for_selector(f"{row} .row-here__one--writes")
        make_ticket(title="Another lamp")  # the list is read anew, and who is there stays
        amihan.wait_for_selector("#ticket-list .live-pill, #ticket-rows tr:nth-child(4)")
        assert "Andres is writing" in (amihan.text_content(f"{row} .row-here") or "")
        andres.goto("/tickets")
        amihan.wait_for_selector(f"{row} .row-here", state="detached")
        for page in (amihan, andres):
            page.context.close()
