"""A hundred live events arrive while somebody works: nothing that they do is lost, moved or closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]

COUNT = """window.came = 0;
for (const name of ["tickets:changed", "ticket:changed", "activity:changed", "presence:changed"])
  document.addEventListener(name, () => { window.came += 1; });"""

# As a colleague's page would do it: real notes on the ticket at this address, each of them told to all pages.
NOTES = """async ([address, from, to]) => {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  const form = page.querySelector("form[action$='/respond']"), to_ = form.getAttribute("action");
  for (let n = from; n < to; n += 1) {
    const body = new FormData(form);
    body.set("mode", "note"); body.set("body", `Note ${n}`); body.set("submission_key", crypto.randomUUID());
    body.delete("photos");
    const answer = await fetch(to_, { method: "POST", body });
    if (!answer.ok) throw new Error(`${answer.status} for note ${n}`);
  }
}"""


def is_live(page: Page) -> None:
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")


def came(page: Page, count: int) -> None:
    page.wait_for_function("count => window.came >= count", arg=count)


def test_a_hundred_events_leave_composer_selection_scroll_and_dialog_alone(window) -> None:
    page, other = window("agent"), window("admin")
    page.goto("/tickets?status=all")
    address = page.locator("#ticket-rows th a").first.get_attribute("href")
    page.goto(address)
    is_live(page)
    page.evaluate(COUNT)
    composer = page.locator("#composer-body")
    composer.fill("Dear Rosa, we looked at it and")
    composer.evaluate("field => { field.focus(); field.setSelectionRange(5, 9); }")
    before = _work(page)

    other.evaluate(NOTES, [address, 1, 16])
    came(page, 40)
    # It did arrive, around the composer.
    expect(page.get_by_text("Note 15", exact=True).first).to_be_visible()
    after = _work(page)
    assert after[:-1] == before[:-1]
    assert after[-1] == pytest.approx(before[-1], abs=4)
    page.keyboard.type("Rosa")  # replaces what was selected, as if nothing had happened
    assert composer.input_value() == "Dear Rosa, we looked at it and"

    composer.evaluate("field => field.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    other.evaluate(NOTES, [address, 16, 28])
    came(page, 75)
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    waits, last = page.locator(".live-pill"), page.get_by_text("Note 27", exact=True)
    expect(waits.or_(last).first).to_be_visible()
    if waits.count():  # the page is scrolled by now, so they wait to be asked for
        waits.first.click()
    expect(last.first).to_be_visible()

    page.evaluate("getSelection().selectAllChildren(document.querySelector('#main h1'))")
    chosen = page.evaluate("String(getSelection())")
    other.evaluate(NOTES, [address, 28, 38])
    came(page, 100)
    assert chosen
    assert page.evaluate("String(getSelection())") == chosen
    assert composer.input_value() == "Dear Rosa, we looked at it and"
    page.goto(address)  # and it is a draft that comes back
    expect(composer).to_have_value("Dear Rosa, we looked at it and")


def test_a_hundred_events_leave_ticks_search_and_scroll_of_the_list_alone(window) -> None:
    page, other = window("agent"), window("admin")
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto("/tickets?status=all&sort=newest")
    is_live(page)
    page.evaluate(COUNT)
    rows = page.locator("#ticket-rows tr")
    ticked, address = (
        rows.nth(4).get_attribute("id"),
        rows.nth(2).locator("th a").get_attribute("href"),
    )
    page.locator(f"#{ticked} input[name=pick]").check()
    page.locator("#f-q").fill("half a wo")
    page.locator("#f-q").evaluate("field => { field.focus(); field.setSelectionRange(4, 6); }")
    page.evaluate("scrollTo(0, 260)")
    before = page.evaluate(
        "[scrollY, document.activeElement.id, document.activeElement.selectionStart, document.activeElement.value]"
    )
    order = page.evaluate("[...document.querySelectorAll('#ticket-rows tr')].map((row) => row.id)")
    other.evaluate(NOTES, [address, 100, 151])
    came(page, 100)
    after = page.evaluate(
        "[scrollY, document.activeElement.id, document.activeElement.selectionStart, document.activeElement.value]"
    )
    assert after == before
    expect(page.locator(f"#{ticked} input[name=pick]")).to_be_checked()
    assert (
        page.evaluate("[...document.querySelectorAll('#ticket-rows tr')].map((row) => row.id)")
        == order
    )


def _work(page: Page) -> list[object]:
    """What a person would miss: focus, text, selection, and last where the field stands on the screen."""
    found: list[object] = page.evaluate(
        """() => { const field = document.activeElement;
        return [field.id, field.value, field.selectionStart, field.selectionEnd,
                field.getBoundingClientRect().top]; }"""
    )
    return found
