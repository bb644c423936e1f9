"""The chat in two windows: what one says, the other sees at once, with what they were writing untouched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]


def test_two_people_talk_live_on_two_devices(window) -> None:
    andres, amihan = window("agent"), window("admin", width=390)
    andres.goto("/chat")
    andres.get_by_text("New channel").click()
    andres.get_by_label("Name").fill("Night shift")
    andres.get_by_role("button", name="Make it").click()
    andres.wait_for_url(re.compile(r"/chat/\d+$"))
    address = re.search(r"/chat/\d+$", andres.url).group()

    amihan.goto(address)
    says = amihan.locator("textarea[name=body]")
    says.fill("Half a sent")
    expect(amihan.locator("#live-state")).to_contain_text("Live")
    andres.locator("textarea[name=body]").fill("Is the pump running?")
    andres.keyboard.press("Control+Enter")
    expect(amihan.locator(".chat__message").last).to_contain_text("Is the pump running?")
    expect(andres.locator("textarea[name=body]")).to_have_value("")
    expect(says).to_have_value("Half a sent")  # the member of nobody yet, and still live
    expect(says).to_be_focused()

    amihan.keyboard.type("ence.")
    amihan.get_by_role("button", name="Send", exact=True).click()
    expect(andres.locator(".chat__message").last).to_contain_text("Half a sentence.")
    expect(andres.locator("#chat-members li")).to_have_count(2)
    expect(amihan.get_by_text(re.compile("^Read by"))).to_be_visible()
    amihan.locator("textarea[name=body]").press_sequentially("No,")
    expect(andres.locator("#chat-typing")).to_contain_text("is writing")

    andres.get_by_role("link", name=re.compile("^Reply")).last.click()
    expect(andres.locator("textarea[name=body]")).to_be_focused()
    andres.keyboard.type("Which one?")
    andres.keyboard.press("Control+Enter")
    expect(amihan.locator(".chat__quote")).to_contain_text("Half a sentence.")
    expect(amihan.locator("textarea[name=body]")).to_have_value("No,")

    amihan.goto("/chat")
    andres.locator("textarea[name=body]").fill("The new one is off.")
    andres.keyboard.press("Control+Enter")
    expect(amihan.locator("#chat-list")).to_contain_text("1")
