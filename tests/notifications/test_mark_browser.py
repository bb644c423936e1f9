"""The number of unread notices in the tab: its title and its icon, live, and still told while the tab is hidden."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.conftest import PASSWORD
from tests.serving import serving, window_on
from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.events.types import SYSTEM
from webapp.notifications import actions, telling

pytestmark = pytest.mark.browser

HIDE = """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange')); }"""


def _give(person: User, title: str) -> None:
    with db.transaction() as session:
        person = session.get_one(User, person.id)
        telling.give(person, kind="reminder", title=title, text="Soon.", actor=SYSTEM)


def _title(page: Page, start: str) -> None:
    page.wait_for_function("start => document.title.startsWith(start)", arg=start)


def _icon(page: Page) -> str:
    return unquote(page.get_attribute('link[rel="icon"]', "href") or "")


def test_the_tab_counts_live_and_while_hidden_and_stops_at_none(
    app: Flask, people: SimpleNamespace, browser: Browser
) -> None:
    with serving(app) as address:
        context = window_on(browser, address)
        page = context.new_page()
        page.clock.install(time=clock.now())
        page.add_init_script(
            "window.badges = []; navigator.setAppBadge = async (n) => { badges.push(n); };"
            "navigator.clearAppBadge = async () => { badges.push(0); };"
        )
        page.goto("/login")
        page.fill("input[name=email]", people.andres.email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector("#live-state[data-state=live]")
        plain, title = _icon(page), page.title()
        assert plain.split("?")[0].endswith("favicon.svg")

        _give(people.andres, "Call the mayor")
        _title(page, "(1) ")
        page.wait_for_function(
            "() => document.querySelector('link[rel=icon]').href.startsWith('data:')"
        )
        assert ">1</text></svg>" in _icon(page)

        page.evaluate(HIDE, True)  # lets go of its stream
        for number in range(2, 12):
            _give(people.andres, f"Reminder {number}")
        page.clock.run_for(75_000)
        _title(page, "(11) ")
        page.wait_for_function(
            "() => document.querySelector('link[rel=icon]').href.includes('9%2B%3C')"
        )

        page.evaluate(HIDE, False)
        with db.transaction():
            actions.mark_read(people.andres.id)
        page.wait_for_function("title => document.title === title", arg=title)
        page.wait_for_function(
            "plain => document.querySelector('link[rel=icon]').getAttribute('href') === plain || document.querySelector('link[rel=icon]').href.endsWith(plain)",
            arg=plain,
        )
        assert page.evaluate("window.badges") == [0, 1, 11, 0]
        context.close()
