"""A place is chosen on the map of a form, by pointer and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]


def stands(page: Page) -> None:
    """The map has come to where a key moved it."""
    expect(page.locator(".leaflet-pan-anim")).to_have_count(0)


def test_a_reporter_chooses_the_place_on_the_map(window, desk) -> None:
    admin, page = window("admin"), window(width=390)
    admin.goto("/settings")
    admin.locator("input[name=tiles_url]").fill(f"{desk.url}/static/favicon.svg?{{z}}-{{x}}-{{y}}")
    admin.locator("form[action$='/settings/map'] button[type=submit]").click()
    page.goto("/report")
    assert page.evaluate("typeof L") == "undefined"  # it comes when it is wanted
    page.get_by_role("button", name="Choose it on the map").click()
    frame = page.locator("[data-place-map]")
    expect(frame).to_be_focused()
    expect(frame.locator(".leaflet-tile-loaded").first).to_be_visible()
    page.keyboard.press("Enter")
    lat, lng = page.locator("[data-place-lat]"), page.locator("[data-place-lng]")
    expect(lat).not_to_have_value("")
    middle = lat.input_value(), lng.input_value()
    page.keyboard.press("ArrowUp")
    stands(page)
    page.keyboard.press("Enter")
    assert float(lat.input_value()) > float(middle[0])
    frame.click(position={"x": 60, "y": 200})
    assert float(lng.input_value()) < float(middle[1])
    expect(page.locator("[data-place-told]")).to_contain_text(lat.input_value())
    expect(frame.locator(".map-pin")).to_have_count(1)
    page.get_by_role("button", name="Take it back").click()
    expect(lat).to_have_value("")
    expect(frame.locator(".map-pin")).to_have_count(0)

    admin.goto("/jobs/new")  # planners may type it, too
    admin.get_by_label("Latitude").fill("13.62")
    admin.get_by_label("Longitude").fill("123.19")
    admin.get_by_role("button", name="Choose it on the map").click()
    expect(admin.locator(".map-pin")).to_be_in_viewport()
    admin.keyboard.press("ArrowUp")
    stands(admin)
    admin.keyboard.press("Enter")
    assert float(admin.get_by_label("Latitude").input_value()) > 13.62
