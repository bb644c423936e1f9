"""Every main page, light and dark, wide and narrow: no serious violation, no overflow, nothing out of the keyboard's reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
Open = Callable[..., Page]

STAFF_PAGES = [
    "/",
    "/tickets",
    "/tickets?status=all&q=nothing-matches-this",
    "/tickets/new",
    "/connections",
    "/connections/1",
    "/connections/1/runs",
    "/connections/1/runs?state=failed",
    "/connections/1/statistics",
    "/connections/statistics?period=24h",
    "/connections/1/deliveries",
    "/connections/1/problems",
    "/connections/1/mapping",
    "/connections/1/settings",
    "/connections/new?kind=mynaga",
    "/connections/new?kind=open311",
    "/connections/new?kind=blank",
    "/outbox",
    "/audit",
    "/clusters",
    "/tickets/map",
    "/health",
    "/settings",
    "/settings/forms",
    "/settings/forms/new",
    "/reports",
    "/replies",
    "/tickets/imports",
    "/mail-in",
    "/settings/mail",
    "/settings/mail-in",
    "/settings/targets",
    "/settings/targets/new",
    "/settings/calendars/new",
    "/settings/teams",
    "/settings/tags",
    "/settings/rules",
    "/settings/people",
    "/settings/people/new",
    "/settings/people/1",
    "/account",
    "/notifications",
    "/me/notifications",
    "/settings/notifications",
    "/account/devices",
    "/account/second-factor",
    "/account/tokens",
    "/settings/access",
    "/settings/progress",
    "/jobs",
    "/jobs/assign",
    "/jobs/board",
    "/jobs/map",
    "/jobs/new",
    "/jobs/recurring",
    "/jobs/recurring/new",
    "/jobs/week",
    "/employees",
    "/employees/new",
    "/my-day",
    "/chat",
    "/chat/search?q=pump",
    "/progress",
    "/progress/logs",
    "/progress/goals",
    "/progress/skills",
    "/progress/portfolio",
    "/progress/activity",
    "/leaderboard",
    "/demo",
    "/demo/mail",
    "/demo/styleguide",
]
PUBLIC_PAGES = ["/", "/login", "/report"]


# A previewed mail stands in a frame in which no script may run: axe could only knock at it.
RUN = """async ([within, rules]) => {
  const options = { resultTypes: ["violations"], iframes: false, ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(within, options);
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
}"""
# Colours that change take their time where a transition says so, and what inherits one begins when its parent has ended.
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const running = () => document.getAnimations().filter((each) => each instanceof CSSTransition);
  for (let calm = 0; calm < 2; calm = running().length ? 0 : calm + 1) {
    await Promise.all(running().map((each) => each.finished.catch(() => {})));
    await frame();
  }
}"""
# Words that stand below one another letter by letter, as in a column that was made for a box to tick.
SQUEEZED = """() => [...document.querySelectorAll("main :is(th, td, h1, h2, h3, p, li, dd, dt, label, a, button)")]
  .filter((each) => each.checkVisibility() && each.textContent.trim().length > 12)
  .filter(({ clientWidth, clientHeight }) => clientWidth && clientWidth < 40 && clientHeight > 90)
  .map((each) => each.textContent.replaceAll("\\n", "").slice(0, 60))"""
# What may be wrong in one colour scheme, or at one width, and right in another.
BY_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
Look = tuple[int, Literal["light", "dark"]]
# Each colour scheme once, each width once: what they have in common is found by either.
LOOKS: tuple[Look, ...] = ((1280, "dark"), (390, "light"))


def _serious(page: Page, within: str = "html", rules: list[str] | None = None) -> list[str]:
    """What is seriously wrong: by all rules, or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [f"{page.url}: {each}" for each in page.evaluate(RUN, [within, rules])]


def _look(page: Page, addresses: list[str], looks: tuple[Look, ...] = LOOKS) -> list[str]:
    """What is wrong with these pages, looked at in each way."""
    wrong: list[str] = []
    for number, address in enumerate(addresses):
        page.goto(address)
        # What stands around the content is the same on every page: seen on one in ten.
        content = bool(number % 10) and page.locator("main").count() > 0
        for nth, (width, scheme) in enumerate(looks):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(SETTLED)
            rules = BY_LOOKS if nth and content else None
            found = _serious(page, "main" if content else "html", rules)
            wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{address} is {wide} px wider than the window")
            found += [f"{address}: squeezed: {each}" for each in page.evaluate(SQUEEZED)]
            wrong += [f"{width} {scheme}: {each}" for each in found]
        if page.locator("h1").count() != 1:
            wrong.append(f"{address} has no single heading of level 1")
    return wrong


def test_no_page_of_the_desk_has_a_serious_violation(window: Open) -> None:
    page = window("admin")
    page.goto("/tickets?status=all")
    ticket = page.locator("#ticket-rows tr a").first.get_attribute("href")
    assert ticket
    page.goto("/connections/1/runs")
    run = page.locator("main a[href*='/runs/']").first.get_attribute("href")
    assert run
    assert _look(page, [*STAFF_PAGES, ticket, run]) == []


def test_no_public_page_has_a_serious_violation(window: Open) -> None:
    assert _look(window(), PUBLIC_PAGES) == []


def _tab_to(page: Page, wanted: str, *, most: int = 90) -> None:
    """Presses Tab until the focus is on what `wanted` selects; every stop on the way must be visible."""
    lost = 0
    for _ in range(most):
        page.keyboard.press("Tab")
        # A swap gives the focus back a moment after it took its element away.
        here = page.evaluate(
            """async (wanted) => {
              for (let n = 0; n < 40 && document.activeElement === document.body; n++)
                await new Promise((again) => setTimeout(again, 50));
              const on = document.activeElement, box = on.getBoundingClientRect();
              const style = getComputedStyle(on);
              const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
                || on.matches('input[type=radio], input[type=checkbox], input[type=file]')
                || (on.closest('.composer, .link-card, label') !== null);
              return {lost: on === document.body, hit: on.matches(wanted), seen: box.width > 0 && shown, what: on.outerHTML.slice(0, 90)};
            }""",
            wanted,
        )
        # What the page brings anew just then may take the focus with it: the next Tab goes on from there.
        lost = lost + 1 if here["lost"] else 0
        assert lost < 3, "focus is lost"
        assert here["seen"] or here["lost"], f"focus cannot be seen on {here['what']}"
        if here["hit"]:
            return
    pytest.fail(f"{wanted} is out of the keyboard's reach")


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(window: Open) -> None:
    page = window("agent")
    page.goto("/tickets")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    _tab_to(page, "main a, main button, main input", most=1)


def test_a_ticket_is_found_answered_noted_and_moved_by_keyboard_alone(window: Open) -> None:
    page = window("agent")
    page.goto("/tickets")
    _tab_to(page, "input[name=q]")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets?*q=a*")
    _tab_to(page, "#ticket-rows a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/T-*")

    _tab_to(page, "#composer-body")
    page.keyboard.type("Answered without a mouse.")
    _tab_to(page, ".composer button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_text("Answered without a mouse.").first).to_be_visible()

    page.reload()
    _tab_to(page, "input[name=mode]")
    page.keyboard.press("ArrowRight")
    _tab_to(page, "#composer-body")
    page.keyboard.type("Noted without a mouse.")
    _tab_to(page, ".composer button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_text("Noted without a mouse.").first).to_be_visible()

    page.reload()
    _tab_to(page, "form[action$='/status'] select")
    page.keyboard.type("For")
    _tab_to(page, "form[action$='/status'] button")
    page.keyboard.press("Enter")
    expect(page.locator("h1").locator("..").get_by_text("For rerouting").first).to_be_visible()

    _tab_to(page, "form[action$='/assign'] select")
    page.keyboard.type("And")
    _tab_to(page, "form[action$='/assign'] button")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_text("Andres").first).to_be_visible()


def test_a_connection_is_tested_and_synced_by_keyboard_alone(window: Open) -> None:
    page = window("admin")
    page.goto("/connections/new?kind=mynaga")
    _tab_to(page, "input[name=base_url]")
    page.keyboard.type("http://127.0.0.1:9")
    _tab_to(page, "input[name=secret]")
    page.keyboard.type("no-such-token")
    _tab_to(page, "input[name=allow_http]")
    page.keyboard.press("Space")
    _tab_to(page, "button[hx-post$='/connections/test'], button[formaction$='/connections/test']")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The test failed")).to_be_visible()

    page.goto("/connections/1")
    _tab_to(page, "form[action$='/sync'] button")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The last sync")
