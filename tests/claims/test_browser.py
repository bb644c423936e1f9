"""An agent's round in a real browser, by keyboard alone; what they type survives what others do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import _look, _tab_to
from tests.claims.make import make_bulletin, make_bulletins, person
from tests.serving import enter, serving, window_on
from webapp.claims.actions import change_bulletin_status
from webapp.claims.models import Bulletin
from webapp.core import db

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def window(app: Flask, people: SimpleNamespace, browser: Browser) -> Iterator[Open]:
    """`window()`: the desk as Andres, an agent, sees it."""
    opened = []

    def open_window(*, width: int = 1280) -> Page:
        context = window_on(
            browser, address, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        opened.append(context)
        page = context.new_page()
        enter(page, people.andres.email)
        return page

    with serving(app) as address:
        yield open_window
        for context in opened:
            context.close()


def _kept(bulletin: Bulletin) -> Bulletin:
    db.session().rollback()
    return db.session().get_one(Bulletin, bulletin.id, populate_existing=True)


def test_a_bulletin_is_found_taken_up_and_validated_by_keyboard_alone(window: Open) -> None:
    make_bulletins(3)
    bulletin = make_bulletin(number="BS-FINDME")
    page = window()
    page.goto("/claims/bulletins")
    _tab_to(page, "input[name=q]")
    page.keyboard.type("findme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/bulletins?*q=findme*")
    _tab_to(page, "#bulletin-rows a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/bulletins/{bulletin.id}")
    decision = page.locator(f"#bulletin-{bulletin.id}-decision")

    _tab_to(page, f"#bulletin-{bulletin.id}-decision button")
    page.keyboard.press("Enter")
    expect(decision.get_by_label("To be paid")).to_have_value("60.000")
    expect(page.locator(":focus")).to_contain_text("In progress")
    page.keyboard.press("Enter")  # once too often: decides nothing
    _tab_to(page, "input[name=amount]")
    assert _kept(bulletin).status == "in_progress"
    page.keyboard.press("Control+a")
    page.keyboard.type("55.125")
    page.keyboard.press("Enter")
    expect(decision).to_contain_text("Validated by Andres")
    expect(page.locator("h1").locator("..")).to_contain_text("Validated")
    kept = _kept(bulletin)
    assert (kept.status, str(kept.validated_amount)) == ("validated", "55.125")


def test_a_bulletin_is_rejected_with_words_by_keyboard_alone(window: Open) -> None:
    bulletin = make_bulletin(status="in_progress")
    page = window()
    page.goto(f"/claims/bulletins/{bulletin.id}")
    _tab_to(page, f"#bulletin-{bulletin.id}-reject summary")
    page.keyboard.press("Enter")
    _tab_to(page, "select[name=reason]")
    page.keyboard.type("Another")
    _tab_to(page, "textarea[name=text]")
    page.keyboard.type("الوثيقة غير مقروءة")
    _tab_to(page, f"#bulletin-{bulletin.id}-reject button")
    page.keyboard.press("Enter")
    expect(page.locator(".rejection")).to_have_text("الوثيقة غير مقروءة")
    kept = _kept(bulletin)
    assert (kept.status, kept.rejection_code) == ("rejected", "other")


def test_words_of_a_rejection_survive_what_somebody_else_decides(window: Open) -> None:
    bulletin = make_bulletin(status="in_progress")
    page = window()
    page.goto(f"/claims/bulletins/{bulletin.id}")
    expect(page.locator("#live-state")).to_contain_text("Live")
    page.locator(f"#bulletin-{bulletin.id}-reject summary").click()
    page.select_option("select[name=reason]", "late")
    page.locator("textarea[name=text]").fill("Trop tard, et de loin.")
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="validated", actor=person("Amihan"))
    expect(page.locator("h1").locator("..")).to_contain_text("Validated")  # the page lives on
    expect(page.locator("textarea[name=text]")).to_have_value("Trop tard, et de loin.")
    page.locator(f"#bulletin-{bulletin.id}-reject button[type=submit]").click()
    decision = page.locator(f"#bulletin-{bulletin.id}-decision")
    expect(decision).to_contain_text("Meanwhile this bulletin changed: it is “Validated” now")
    expect(decision).to_contain_text("Trop tard, et de loin.")
    assert _kept(bulletin).status == "validated"


def test_no_page_of_claims_has_a_serious_violation(window: Open) -> None:
    bulletin = make_bulletin(status="in_progress", total="99.000")
    pages = [
        "/claims/bordereaux",
        "/claims/bulletins?status=all",
        f"/claims/bordereaux/{bulletin.bordereau_id}",
        f"/claims/bulletins/{bulletin.id}",
    ]
    assert _look(window(), pages) == []
