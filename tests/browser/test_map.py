"""The map in a real Chromium: by keyboard alone, drawn with a pointer, and without a complaint in the console."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]

PINS = ".map-pin"


def moved(page: Page, began: str) -> None:
    """The map stands elsewhere than it `began`, and its pins are there."""
    page.wait_for_function("began => location.hash !== began", arg=began)
    expect(page.locator("#ticket-map:not([aria-busy])")).to_be_visible()


def test_the_map_is_moved_and_a_ticket_opened_by_keyboard_alone(window) -> None:
    page = window("agent")
    page.goto("/tickets/map?status=all")
    expect(page.locator(PINS).first).to_be_visible()
    moved(page, "")
    began = page.evaluate("location.hash")
    page.locator("#ticket-map").focus()
    page.keyboard.press("ArrowRight")
    moved(page, began)
    for _ in range(8):
        if page.locator(f"{PINS}:not(.map-pin--many)").count():
            break
        here = page.evaluate("location.hash")
        page.locator(f"{PINS}.map-pin--many").first.focus()
        page.keyboard.press("Enter")  # nearer to those counted together
        moved(page, here)
    page.locator(f"{PINS}:not(.map-pin--many)").first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup-content a")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_have_count(0)
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tickets/T-"))


def test_what_is_drawn_on_the_map_narrows_the_list(window) -> None:
    page = window("agent")
    page.goto("/tickets/map?status=all")
    expect(page.locator(PINS).first).to_be_visible()
    page.get_by_role("button", name="Draw an area").click()
    box = page.locator("#ticket-map").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 80, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"[?&]area="))
    expect(page.get_by_role("link", name="Everywhere").first).to_be_visible()
    expect(page.get_by_label("South")).not_to_have_value("")
