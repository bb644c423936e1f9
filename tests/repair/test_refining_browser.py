"""A category is refined on the ticket's page, in real browsers, and goes back to the upstream."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.fakes.upstreams import Server
from tests.repair.test_browser import address as _address
from tests.repair.test_browser import signed_in
from tests.sync.test_push import send, ticket_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


address = _address  # its fixture: the desk on a port of its own


def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_typed_is_kept_sent_and_shown_with_its_way(
    browser: Chromium,
    address: str,
    naga: Server,
    pulled: tuple[int, str],
    people,
    width: int,
) -> None:
    connection_id, report = pulled
    page = signed_in(browser, address, width)
    page.goto(f"/tickets/{ticket_of(report).ref}")
    box = page.get_by_label("Refined category")
    box.fill("Wide pothole")
    box.press("Enter")
    expect(page.locator(".ticket__history")).to_contain_text("Wide pothole")
    expect(box).to_have_value("Wide pothole")

    page.reload()
    panel = page.locator("#ticket-upstreams")
    expect(panel).to_contain_text("Refined category: Wide pothole")
    expect(panel).to_contain_text("waiting to be sent since")
    _picture(page, f"waiting-{width}")
    send(connection_id)
    assert naga.get(report)["refinedCategory"] == "Wide pothole"
    page.reload()
    expect(panel).not_to_contain_text("waiting to be sent since")
    expect(page.locator(".ticket__history")).to_contain_text("Sent to")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        _picture(page, f"sent-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_two_people_at_once_lose_neither_word(
    browser: Chromium,
    address: str,
    pulled: tuple[int, str],
    people,
) -> None:
    _connection_id, report = pulled
    one, other = signed_in(browser, address, 1280), signed_in(browser, address, 1280)
    for page in (one, other):
        page.goto(f"/tickets/{ticket_of(report).ref}")
    other.get_by_label("Refined category").fill("Pothole")
    one.get_by_label("Refined category").fill("Sinkhole")
    one.get_by_label("Refined category").press("Enter")
    expect(one.locator(".ticket__history")).to_contain_text("Sinkhole")

    other.get_by_label("Refined category").press("Enter")

    expect(
        other.get_by_text("somebody else wrote “Sinkhole” here; you wrote “Pothole”")
    ).to_be_visible()
    expect(other.get_by_label("Refined category")).to_have_value("Pothole")
    _picture(other, "stale-1280")
    assert ticket_of(report).refined_category == "Sinkhole"
    other.get_by_label("Refined category").press("Enter")
    expect(other.locator(".ticket__history")).to_contain_text("Pothole")
    assert ticket_of(report).refined_category == "Pothole"
    for page in (one, other):
        page.context.close()


def test_the_mapping_page_says_which_fields_are_sent_back(
    browser: Chromium,
    address: str,
    pulled: tuple[int, str],
    people,
) -> None:
    connection_id, _report = pulled
    for width in (1280, 390):
        page = signed_in(browser, address, width)
        page.goto(f"/connections/{connection_id}/mapping")
        for field, sent in (("status", 1), ("refined_category", 1), ("category", 0)):
            row = page.locator(f"#row-{field}")
            expect(row.get_by_text("sent back", exact=True)).to_have_count(sent)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            _picture(page, f"mapping-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.context.close()
