"""Live pages in a real Chromium: the real scripts, the real base page, streams cut by a proxy of our own."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PATIENCE_S
from tests.realtime.conftest import Server, until
from tests.realtime.proxy import CuttingProxy
from tests.serving import window_on

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("live-browser")]

# Notes each numbered event in the page, as it arrives.
COUNT = """document.addEventListener("test:numbered", (event) => {
  const seen = document.getElementById("seen");
  seen.dataset.seen += JSON.parse(event.detail.data).n + " ";
});"""


@pytest.fixture
def proxy(server: Server) -> Iterator[CuttingProxy]:
    with CuttingProxy(server.base) as one:
        yield one


@pytest.fixture
def open_page(browser: Browser, proxy: CuttingProxy):
    contexts, errors = [], []

    def open_one(
        topics: str = "staff", *, who: str = "andres", wait: bool = True, **options
    ) -> Page:
        context = window_on(browser, proxy.base, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        page.goto(f"/sign-in/{who}")
        page.goto(f"/page?topics={topics}")
        page.evaluate(COUNT)
        if wait:
            is_state(page, "live")
        return page

    yield open_one
    for context in contexts:
        context.close()
    ours = [
        error
        for error in errors
        if "net::ERR" not in error
        and "Failed to load resource" not in error
        and "hx-sse" not in error
        and "htmx:sse:error" not in error
    ]
    assert ours == []


def is_state(page: Page, state: str) -> None:
    page.wait_for_function(
        "state => document.getElementById('live-state').dataset.state === state",
        arg=state,
    )


def seen(page: Page) -> list[int]:
    return [int(number) for number in page.get_attribute("#seen", "data-seen").split()]


def wait_seen(page: Page, count: int) -> list[int]:
    page.wait_for_function(
        "n => document.getElementById('seen').dataset.seen.trim().split(' ').length >= n",
        arg=count,
    )
    return seen(page)


def test_a_hundred_cuts_while_300_events_come_each_reaches_the_page_once_in_order(
    server, proxy, open_page
):
    page = open_page()
    page.evaluate("setInterval(Live.hurry, 15)")  # else each wait is half a second and longer
    publishing = threading.Thread(
        target=lambda: [server.publish("staff", n, n + 2) for n in range(1, 301, 3)]
    )
    publishing.start()
    cuts = 0
    while cuts < 100:
        before = proxy.streams
        cuts += proxy.cut()
        deadline = time.monotonic() + PATIENCE_S
        while proxy.streams == before and time.monotonic() < deadline:
            page.wait_for_timeout(5)
        page.wait_for_timeout(random.uniform(0, 40))
    publishing.join()
    assert wait_seen(page, 300) == list(range(1, 301))
    assert cuts == 100


def test_the_state_stands_in_words(server, proxy, open_page):
    page = open_page()
    assert page.inner_text("#live-state") == "Live"
    proxy.refuse = True
    proxy.cut()
    is_state(page, "reconnecting")
    assert page.inner_text("#live-state") == "Reconnecting…"
    is_state(page, "stale")
    assert page.inner_text("#live-state").startswith("Out of date since ")
    proxy.refuse = False
    is_state(page, "live")


def test_where_streaming_is_blocked_polling_brings_the_same(server, proxy, open_page):
    proxy.block_streams = True
    page = open_page(wait=False)
    is_state(page, "polling")
    server.publish("staff", 1, 30)
    server.do(
        "push_html",
        "staff",
        '<hx-partial hx-target="#pushed" hx-swap="innerHTML">after</hx-partial>',
    )
    assert wait_seen(page, 30) == list(range(1, 31))
    page.wait_for_function("() => document.getElementById('pushed').textContent === 'after'")
    proxy.block_streams = False
    is_state(page, "live")
    server.publish("staff", 31, 40)
    assert wait_seen(page, 40) == list(range(1, 41))


def test_a_proxy_that_holds_streams_back_without_a_word_is_noticed(server, proxy, open_page):
    proxy.hold_streams = True
    page = open_page(wait=False)
    is_state(page, "polling")
    server.publish("staff", 1, 3)
    assert wait_seen(page, 3) == [1, 2, 3]


def test_signed_out_elsewhere_says_so_and_offers_to_sign_in(server, proxy, open_page):
    page = open_page()
    page.context.clear_cookies()
    server.do("end_streams", server.user_id("andres"))
    is_state(page, "signed-out")
    assert "Sign in again" in page.inner_text("#live-state")
    assert "/login?next=%2Fpage" in page.get_attribute("#live-state a", "href")


def test_a_topic_that_was_taken_away_says_so_and_not_that_one_is_signed_out(open_page):
    page = open_page("staff,admin", wait=False)
    is_state(page, "refused")
    assert page.inner_text("#live-state").startswith("Not live: your access has changed")


def test_pushed_html_reaches_its_target_and_a_missing_target_is_silent(server, open_page):
    page = open_page()
    server.do(
        "push_html",
        "staff",
        '<hx-partial hx-target="#no-such-thing" hx-swap="outerHTML"><p>x</p></hx-partial>',
    )
    server.do(
        "push_html",
        "staff",
        '<hx-partial hx-target="#pushed" hx-swap="innerHTML">now</hx-partial>',
    )
    page.wait_for_function("() => document.getElementById('pushed').textContent === 'now'")


def test_a_pushed_row_that_holds_focus_waits_until_it_is_left(server, open_page):
    server.get("/rows/2:open,1:open")
    page = open_page()
    page.focus("#field-1")
    page.keyboard.type("half a sen")
    row = '<hx-partial hx-target="#row-1" hx-swap="outerHTML"><table><tr id="row-1" data-live-row><td>1</td><td>closed</td><td></td></tr></table></hx-partial>'
    row = row.replace("<table>", "").replace("</table>", "")
    server.do("push_html", "staff", row)
    page.wait_for_selector("#row-1[data-live-held]")
    page.keyboard.type("tence")
    assert page.input_value("#field-1") == "half a sentence"
    page.fill("#field-1", "")
    page.focus("#typing")
    page.wait_for_function("() => document.querySelector('#row-1').textContent.includes('closed')")


def test_new_rows_appear_at_the_top_and_changed_ones_are_marked(server, open_page):
    server.get("/rows/2:open,1:open")
    page = open_page()
    server.get("/rows/3:open,2:closed,1:open")
    # All at one moment: the marks go after a while.
    marked = page.wait_for_function(
        "() => document.querySelector('#row-3.is-new') && document.querySelector('#row-2.is-changed')"
        " && [...document.querySelectorAll('.is-new, .is-changed')].map((row) => row.id).join()"
    )
    assert marked.json_value() == "row-3,row-2"
    assert page.locator("#list tr").first.get_attribute("id") == "row-3"


@pytest.mark.parametrize("doing", ["focus", "typed", "selection", "details"])
def test_a_region_in_use_is_left_alone_and_says_what_waits(server, open_page, doing):
    server.get("/rows/2:open,1:open")
    page = open_page()
    if doing in ("focus", "typed"):
        page.focus("#field-1")
        page.keyboard.type("mine" if doing == "typed" else "")
    if doing == "typed":
        page.focus("#typing")
    if doing == "selection":
        page.evaluate("getSelection().selectAllChildren(document.querySelector('#row-1 td'))")
    if doing == "details":
        page.evaluate("document.querySelector('#row-1 details').open = true")
    server.get("/rows/4:open,3:open,2:open,1:closed")
    page.wait_for_selector(".live-pill")
    assert page.inner_text(".live-pill") == "2 new — show"
    assert page.locator("#row-4").count() == 0
    page.click(".live-pill")
    page.wait_for_selector("#row-4")
    expect(page.locator(".live-pill")).to_have_count(0)
    if doing == "typed":
        assert page.input_value("#field-1") == "mine"


def test_what_waits_is_shown_as_soon_as_it_is_safe(server, open_page):
    server.get("/rows/2:open,1:open")
    page = open_page()
    page.focus("#field-2")
    server.get("/rows/3:open,2:open,1:open")
    page.wait_for_selector(".live-pill")
    page.focus("#typing")
    page.wait_for_selector("#row-3")
    expect(page.locator(".live-pill")).to_have_count(0)


def test_a_resync_makes_every_region_ask_again(server, open_page):
    server.get("/rows/2:open,1:open")
    page = open_page()
    with server.redis.client() as client:
        asked = page.expect_request("**/region")
        with asked:
            client.flushall()
    page.wait_for_timeout(300)
    is_state(page, "live")


def test_an_unchanged_region_is_not_sent_again(server, open_page):
    page = open_page()
    answers = []
    page.on(
        "response",
        lambda answer: answers.append(answer.status) if answer.url.endswith("/region") else None,
    )
    for _ in range(3):
        with page.expect_response("**/region"):
            server.do("signal", "staff", "rows:changed")
    assert answers[0] == 200
    assert answers[1:] == [204, 204]


def _stop_the_clock(page: Page) -> None:
    """A toast goes when the test says so, however slow the machine is."""
    page.clock.install()
    page.clock.pause_at(
        time.time() + 1
    )  # further ahead, and the page would think that its stream is dead


def test_toasts_tell_their_kind_in_a_word_and_go_after_a_while_but_failures_stay(server, open_page):
    page = open_page()
    _stop_the_clock(page)
    server.do("toast", "staff", "new", "Broken <b>lamp</b> 🚧", url="/tickets/T-1")
    page.wait_for_selector(".toast--new")
    assert "New" in page.inner_text(".toast--new")
    assert "Broken <b>lamp</b> 🚧" in page.inner_text(".toast--new")
    assert page.get_attribute(".toast--new a", "href") == "/tickets/T-1"
    server.do("toast", "staff", "error", "Mail is refused")
    page.wait_for_selector(".toast--error")
    page.clock.run_for(5600)
    page.wait_for_selector(".toast--new", state="detached")
    assert page.locator(".toast--error").count() == 1
    page.click(".toast--error [data-toast-close]")
    page.clock.run_for(600)
    page.wait_for_selector(".toast--error", state="detached")


def test_a_toast_stays_while_pointed_at_and_only_three_stand(server, open_page):
    page = open_page()
    _stop_the_clock(page)
    server.do("toast", "staff", "updated", "first")
    page.hover(".toast--updated")
    page.clock.run_for(5600)
    assert page.locator(".toast--updated").count() == 1
    for number in range(6):
        server.do("toast", "staff", "info", f"number {number}")
    page.wait_for_selector(".toasts__more")
    assert page.locator(".toast:not(.is-leaving)").count() == 3
    assert page.inner_text(".toasts__more") == "and 4 more"


def test_only_a_toast_that_says_so_sounds_and_only_once_the_page_was_touched(server, open_page):
    page = open_page()
    page.evaluate(
        """() => {
        window.beeps = 0;
        window.OscillatorNode = class { connect(to) { return to; } start() { window.beeps += 1; } stop() {} };
        window.GainNode = class { gain = { exponentialRampToValueAtTime() {} }; connect() {} };
        // The real one fails where no sound device answers in time.
        window.AudioContext = class { currentTime = 0; };
        // Playwright's own calls count as a touch of the page: here a click alone does.
        let touched = false;
        addEventListener("pointerdown", () => { touched = true; }, { once: true });
        Object.defineProperty(navigator, "userActivation", { get: () => ({ hasBeenActive: touched }) });
        }"""
    )
    server.do("toast", "staff", "new", "early", sound=True)
    page.wait_for_selector(".toast--new")
    page.mouse.click(5, 5)
    page.wait_for_function("() => navigator.userActivation.hasBeenActive")
    server.do("toast", "staff", "updated", "silent")
    server.do("toast", "staff", "mention", "loud", sound=True)
    loud = page.wait_for_selector(".toast--mention")  # at hand even when it has gone meanwhile
    assert "Mention" in (loud.text_content() or "")
    page.wait_for_function("() => window.beeps === 1")


def test_a_hidden_page_holds_no_stream_and_catches_up_when_shown(server, proxy, open_page):
    page = open_page()
    page.evaluate("""() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true });
                     document.dispatchEvent(new Event('visibilitychange')); }""")
    until(lambda: not proxy.open_streams, "no stream")
    server.publish("staff", 1, 5)
    page.wait_for_timeout(500)
    assert seen(page) == []
    page.evaluate("""() => { Object.defineProperty(document, 'hidden', { value: false, configurable: true });
                     document.dispatchEvent(new Event('visibilitychange')); }""")
    assert wait_seen(page, 5) == [1, 2, 3, 4, 5]


def test_a_reporter_sees_their_own_ticket_and_nothing_of_the_staff(server, open_page):
    page = open_page("follow:token-of-rosa-0001", who="nadia")
    server.publish("staff", 1, 3)
    server.publish("ticket:1", 4, 4)
    server.publish("follow:1", 5, 5)
    server.publish("staff", 6, 6)
    assert wait_seen(page, 1) == [5]
    page.wait_for_timeout(300)
    assert seen(page) == [5]
    assert json.loads(page.get_attribute("#live", "data-words"))["live"] == "Live"
