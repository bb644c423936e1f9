"""A sheet without numbers of its own comes in, in a real browser: nothing there asks for what it has not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.serving import enter, serving, window_on

pytestmark = pytest.mark.browser
SHEET = {
    "name": "new.csv",
    "mimeType": "text/csv",
    "buffer": b"Subject,Date resolved\nBroken lamp,2026-02-13\n",
}


def test_a_sheet_of_new_tickets_alone_is_checked_and_imported(
    app: Flask, people: SimpleNamespace, browser: Browser
) -> None:
    with serving(app) as address:
        page = window_on(browser, address).new_page()
        enter(page, people.andres.email)
        page.goto("/tickets/imports")
        page.locator("input[type=file]").set_input_files([SHEET])  # type: ignore[list-item]
        page.get_by_role("button", name="Read it").click()
        becomes = page.locator("select[name=column-1] option:checked")
        expect(becomes).to_have_text("Resolved")
        page.get_by_role("button", name="Check the rows").click()
        expect(page.get_by_text("Broken lamp")).to_be_visible()
        page.get_by_role("button", name="Import").click()
        expect(page.locator("main")).to_contain_text("Imported")
        page.context.close()
