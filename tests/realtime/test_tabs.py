"""Several tabs of one browser share one stream, and lose nothing when the one that holds it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.realtime.conftest import Server, until
from tests.realtime.proxy import CuttingProxy
from tests.realtime.test_browser import COUNT, is_state, seen, wait_seen
from tests.serving import window_on

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("live-browser")]

TOPICS = ("staff", "staff,ticket:1", "staff,ticket:2", "staff,ticket:3,ticket:4")


@pytest.fixture
def context(browser: Browser, server: Server):
    with CuttingProxy(server.base) as proxy:
        one = window_on(browser, proxy.base)
        one.proxy = proxy
        yield one
        one.close()


def open_tabs(context: BrowserContext, *topics: str) -> list[Page]:
    page = context.new_page()
    page.goto("/sign-in/andres")
    page.close()
    tabs = []
    for each in topics:
        tabs.append(context.new_page())
        tabs[-1].goto(f"/page?topics={each}")
        tabs[-1].evaluate(COUNT)
    for tab in tabs:
        is_state(tab, "live")
    return tabs


def leads(tab: Page) -> bool:
    return bool(tab.evaluate("Live.leads"))


def leading(tabs: list[Page]) -> int:
    """Which of them leads, once exactly one does: a tab that has just gone may not have been followed yet."""
    found: list[bool] = []

    def one() -> bool:
        found[:] = [leads(tab) for tab in tabs]
        return found.count(True) == 1

    until(one, "one tab leads")
    return found.index(True)


def test_four_tabs_hold_one_stream_and_hand_it_over_without_loss_or_double(server, context):
    tabs = open_tabs(context, *TOPICS)
    first = leading(tabs)
    until(
        lambda: len(context.proxy.open_streams) == 1, "one stream"
    )  # the one before it may be closing

    with _publishing(server, 120):
        wait_seen(tabs[first - 1], 20)
        tabs.pop(first).close()  # the one that leads
        wait_seen(tabs[2], 60)
        context.proxy.cut()  # and then the stream itself
        wait_seen(tabs[2], 90)
        tabs.pop(leading(tabs)).goto("about:blank")
    for tab in tabs:
        assert wait_seen(tab, 120) == list(range(1, 121))
        is_state(tab, "live")
    leading(tabs)
    until(
        lambda: len(context.proxy.open_streams) == 1, "one stream"
    )  # the one before it may be closing
    # A page opened later is brought in step as well, for a topic that nobody listened to.
    late = context.new_page()
    late.goto("/page?topics=staff,ticket:9")
    late.evaluate(COUNT)
    is_state(late, "live")
    server.publish("ticket:9", 500, 501)
    assert wait_seen(late, 2) == [500, 501]


def test_a_topic_refused_to_one_tab_does_not_silence_the_others(server, context):
    first, other = open_tabs(context, "staff", "staff,ticket:1")
    refused = context.new_page()
    refused.goto("/page?topics=staff,admin")  # an agent's rights do not open it
    is_state(refused, "refused")
    for tab in (first, other):
        is_state(tab, "live")
    server.publish("staff", 1, 3)
    for tab in (first, other):
        assert wait_seen(tab, 3) == [1, 2, 3]


def test_signed_out_elsewhere_is_said_in_every_tab(server, context):
    tabs = open_tabs(context, "staff", "staff,ticket:1")
    context.clear_cookies()
    server.do("end_streams", server.user_id("andres"))
    for tab in tabs:
        is_state(tab, "signed-out")


@contextmanager
def _publishing(server: Server, last: int) -> Iterator[None]:
    """Meanwhile; over with it, whatever happens, so that the next test hears none of it."""
    thread = threading.Thread(target=_publish, args=(server, last))
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _publish(server: Server, last: int) -> None:
    for number in range(1, last + 1):
        server.publish("staff", number, number)
        time.sleep(0.05)


def test_a_hidden_leader_hands_over_and_catches_up_when_shown(server, context):
    first, other = open_tabs(context, "staff", "staff")
    _hide(first, True)
    other.wait_for_function("Live.leads")
    is_state(other, "live")
    server.publish("staff", 1, 5)
    assert wait_seen(other, 5) == [1, 2, 3, 4, 5]
    assert seen(first) == []
    _hide(first, False)
    assert wait_seen(first, 5) == [1, 2, 3, 4, 5]
    is_state(first, "live")
    assert not leads(first)
    until(
        lambda: len(context.proxy.open_streams) == 1, "one stream"
    )  # the one before it may be closing


def _hide(tab: Page, hidden: bool) -> None:
    tab.evaluate(
        """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }""",
        hidden,
    )
