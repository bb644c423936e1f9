"""An admin maps in the browser: the preview follows the typing, saving is a version, a phone is enough."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import Desk
from tests.mapping.issues_server import TOKEN, issues_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
Open = Callable[..., Page]


def test_the_preview_follows_and_a_version_can_be_gone_back_to(desk: Desk, window: Open) -> None:
    page = window("admin")
    page.goto("/connections")
    page.get_by_role("link", name="MyNaga demo").first.click()
    page.get_by_role("link", name="Mapping", exact=True).click()
    expect(page.locator("#preview-counts")).to_contain_text("as now")
    page.get_by_label("Barangay", exact=True).fill("location")
    expect(page.locator("#preview-counts")).to_contain_text("would change")
    expect(page.locator("#preview ins").first).to_be_visible()
    page.get_by_label("Barangay", exact=True).fill("a..b")
    expect(page.locator("#preview")).to_contain_text("Not yet right")
    page.get_by_label("Barangay", exact=True).fill("location")
    page.get_by_role("button", name="Leave Longitude empty").click()
    expect(page.locator("#row-lng")).to_have_count(0)
    expect(page.get_by_label("Barangay", exact=True)).to_have_value("location")
    page.get_by_role("button", name="Longitude", exact=True).click()
    expect(page.locator("#f-lng__from")).to_have_value("lng")
    page.locator("#f-lng__from").fill("coordinates.lng")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.locator("#job-apply-words")).to_contain_text("changed: ")
    page.get_by_role("link", name="Versions").click()
    expect(page.locator("#version-2")).to_contain_text("in use")
    page.locator("#version-1").get_by_role("button", name="Go back to this version").click()
    page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    expect(page.locator("#version-3")).to_contain_text("gone back to an earlier one (1)")


def test_an_unknown_system_is_connected_on_a_phone_with_the_keyboard(window: Open) -> None:
    with issues_server(records=25) as issues:
        page = window("admin", width=390, height=800)
        page.goto("/connections/new/blank")
        page.get_by_label("Name", exact=True).fill("City issues")
        page.locator("#f-base_url").fill(issues.url)
        page.get_by_label("Signing in").first.select_option("bearer")
        page.locator("#f-secret").fill(TOKEN)
        page.get_by_label(re.compile("Allow an unencrypted")).check()
        page.locator("#f-sample_path").fill("/repos/city/desk/issues?state=all&per_page=10")
        page.get_by_role("button", name="Look at a sample and propose").press("Enter")
        expect(page.locator("#preview-counts")).to_contain_text("10 would be new")
        expect(page.locator("#f-title__from")).to_have_value("title")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Save, dry run first").press("Enter")
        expect(page.locator("#job-dry_run-words")).to_contain_text("Would create 25")
        page.get_by_role("button", name="Start pulling").press("Enter")
        page.wait_for_url(re.compile(r"/connections/\d+"))
        page.goto("/connections")
        page.get_by_role("link", name="City issues").first.click()
        expect(page.locator("#connection-counters")).to_contain_text("25")
