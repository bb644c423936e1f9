"""The main job, as people do it: two signed-in windows and a reporter."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Patience

from tests.browser.running import Desk
from tests.conftest import PATIENCE_S, ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
Open = Callable[..., Page]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "pothole.jpg"
    Image.new("RGB", (640, 480), "sienna").save(path)
    return path


def _report(page: Page, title: str, photo: Path | None = None) -> str:
    """Files a report as Rosa; the address of its follow page."""
    page.goto("/report")
    page.get_by_label("What is it about?").fill(title)
    page.get_by_label("What happened?").fill("It is as wide as a tricycle.\nChildren pass here.")
    page.get_by_label("Where?").fill("Zone 2, near the chapel")
    page.get_by_label(re.compile("^Name")).fill("Rosa Dela Cruz")
    page.get_by_label(re.compile("^E-mail")).fill("rosa@example.org")
    if page.locator("select[name=category]").count():
        page.locator("select[name=category]").select_option(index=1)
    if photo:
        page.locator("input[name=photos]").set_input_files(photo)
    page.wait_for_timeout(3_100)  # faster than a person types is taken for a machine
    page.get_by_role("button", name="Send report").click()
    link = page.locator("a[href*='/follow/']").first
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def _mails(desk: Desk, follow: str) -> list[str]:
    """What came about the ticket of that follow page, in order: other tests' mails come when they like."""
    folder = desk.folder / "demo" / "mail"
    mails = [
        path.read_text(errors="replace")
        for path in sorted(folder.rglob("*.eml"), key=lambda p: p.stat().st_mtime)
    ]
    return [mail for mail in mails if follow.rsplit("/", 1)[-1] in mail.replace("=\n", "")]


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 2 * PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_report_is_answered_resolved_and_mailed_while_everybody_watches(
    window: Open, desk: Desk, photo: Path
) -> None:
    title = f"Pothole at the chapel {time.time_ns()}"
    admin, agent, reporter = window("admin"), window("agent"), window()
    for page in (admin, agent):
        page.goto("/tickets")
        expect(page.locator("#live-state")).to_contain_text("Live", ignore_case=True)

    follow = _report(reporter, title, photo)
    for page in (admin, agent):
        expect(page.locator("#ticket-rows tr").first).to_contain_text(title)
        expect(page.locator("#toasts")).to_contain_text(f"New ticket created: {title}")
    _wait_for(lambda: _mails(desk, follow))

    reporter.goto(follow)
    expect(reporter.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    admin.locator("#ticket-rows tr").first.get_by_role("link").first.click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text(title)
    agent.locator("#ticket-rows tr").first.get_by_role("link").first.click()

    agent.locator("#composer-body").fill("A crew comes tomorrow morning.")
    agent.get_by_role("button", name=re.compile("Send answer")).click()
    expect(admin.locator("main")).to_contain_text("Being sent")
    agent.get_by_role("button", name="Send now").click()
    for page in (admin, reporter):
        expect(page.get_by_text("A crew comes tomorrow morning.").first).to_be_visible()

    agent.locator("input[name=mode][value=note]").check(force=True)
    agent.locator("#composer-body").fill("The crew chief is on leave, ask Felix.")
    agent.get_by_role("button", name=re.compile("note", re.IGNORECASE)).last.click()
    expect(admin.get_by_text("The crew chief is on leave, ask Felix.").first).to_be_visible()
    assert "crew chief" not in reporter.content()

    agent.locator("form[action$='/status'] select").select_option("resolved")
    agent.locator("form[action$='/status'] button").first.click()
    expect(admin.locator("main")).to_contain_text("Resolved")
    expect(reporter.locator("#follow-ticket")).to_contain_text("Resolved")
    assert len(_mails(desk, follow)) == 1  # within five minutes; the rest comes in one mail
    ref = admin.url.rpartition("/")[2]
    admin.goto("/outbox?state=waiting")
    news = admin.locator("main tr", has_text=f"News to the reporter of {ref}")
    news.get_by_role("link").first.click()
    admin.get_by_role("button", name="Send again now").click()
    _wait_for(lambda: len(_mails(desk, follow)) == 2)
    _threaded(_mails(desk, follow))
    for word in ("A crew comes tomorrow morning.", "Resolved"):
        assert any(word in mail for mail in _mails(desk, follow))
    assert not any("crew chief" in mail for mail in _mails(desk, ""))


def _threaded(mails: list[str]) -> None:
    ids = [
        re.search(r"^Message-ID:\s*(<[^>]+>)", mail, re.MULTILINE | re.IGNORECASE) for mail in mails
    ]
    assert all(ids)
    first = ids[0].group(1)  # type: ignore[union-attr]
    for mail in mails[1:]:
        assert first in mail.split("\n\n", 1)[0], "a later mail does not refer to the first"


def test_the_reporter_answers_and_the_agent_sees_it(window: Open, desk: Desk) -> None:
    title = f"Street light {time.time_ns()}"
    agent, reporter = window("agent"), window(width=390)
    follow = _report(reporter, title)
    agent.goto("/tickets")
    agent.get_by_role("link", name=re.compile(title)).first.click()
    expect(agent.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    draft = "half a sentence that must survi"
    agent.locator("#composer-body").fill(draft)

    reporter.goto(follow)
    reporter.locator("#reply textarea").fill("It blinks now.")
    reporter.locator("#reply button[type=submit]").click()

    expect(agent.get_by_text("It blinks now.").first).to_be_visible()
    expect(agent.locator("#toasts")).to_contain_text("responded to ticket")
    expect(agent.locator("#composer-body")).to_have_value(draft)
    agent.locator("#composer-body").fill("")  # nothing unsent is left behind


def test_a_pulled_report_arrives_live_and_its_status_goes_back(window: Open, desk: Desk) -> None:
    admin = window("admin")
    admin.goto("/tickets")
    expect(admin.locator("#live-state")).to_contain_text("Live", ignore_case=True)
    added = desk.order("mynaga", do="add")["done"]
    report_id = added["id"] if isinstance(added, dict) else str(added)
    admin.goto("/connections")
    admin.get_by_role("link", name="MyNaga demo").first.click()
    admin.get_by_role("button", name="Sync now").click()

    admin.goto("/tickets?status=all&q=" + str(report_id))
    row = admin.locator("#ticket-rows tr", has_text=str(report_id)).or_(
        admin.locator("#ticket-rows tr")
    )
    expect(row.first).to_be_visible()
    row.first.get_by_role("link").first.click()
    expect(admin.locator("main")).to_contain_text("MyNaga demo")

    admin.locator("form[action$='/status'] select").select_option("in_progress")
    admin.locator("form[action$='/status'] button").first.click()
    expect(admin.locator("main")).to_contain_text(re.compile(r"sent \d", re.IGNORECASE))
    received = [r for r in desk.state("mynaga")["received"] if str(report_id) in str(r)]  # type: ignore[attr-defined]
    assert "In Progress" in str(received[0])
    assert len(received) == 1
    expect(admin.locator("[id$='-history']")).to_contain_text("In progress")


def test_an_upstream_in_trouble_is_shown_and_the_change_waits_until_it_is_well(
    window: Open, desk: Desk
) -> None:
    admin = window("admin")
    admin.goto("/tickets?status=open&source=connection:1")
    admin.locator("#ticket-rows tr").last.get_by_role("link").first.click()
    desk.order("mynaga", trouble={"mode": "down"})
    try:
        admin.locator("form[action$='/status'] select").select_option("for_rerouting")
        admin.locator("form[action$='/status'] button").first.click()
        expect(admin.locator("main")).to_contain_text("waiting to be sent since", ignore_case=True)
        again = admin.locator("main").get_by_role("button", name="Send again now").first
        expect(again).to_be_visible()  # tried, and refused
        admin.goto("/outbox")
        expect(admin.locator("main")).to_contain_text("MyNaga demo")
        admin.go_back()
    finally:
        desk.order("mynaga", trouble=None)
    with suppress(Patience):  # it may go by itself just then
        again.click(timeout=10_000)
    _wait_for(lambda: "For Rerouting" in str(desk.state("mynaga")["received"]))


def test_a_new_connection_is_tested_then_saved_and_shows_only_four_characters(
    window: Open, desk: Desk
) -> None:
    admin = window("admin")
    admin.goto("/connections/new?kind=mynaga")
    token = _demo_token()
    admin.locator("input[name=name]").fill(f"Second naga {time.time_ns()}")
    admin.locator("input[name=base_url]").fill(desk.upstream("mynaga"))
    admin.locator("input[name=secret]").fill(token)
    admin.locator("input[name=allow_http]").check()
    admin.get_by_role("button", name="Test connection").click()
    expect(admin.locator("#test-result")).to_contain_text("reports:write")
    admin.get_by_role("button", name="Save connection").click()
    admin.wait_for_url(re.compile(r"/connections/\d+"))
    expect(admin.locator("main")).to_contain_text(re.compile("Ready|Syncing"))
    admin.goto(admin.url.split("?")[0].rstrip("/") + "/settings")
    assert token not in admin.content()
    assert token[-4:] in admin.content()


def _demo_token() -> str:
    from webapp.demo.mynaga.tokens import FULL_TOKEN

    return str(FULL_TOKEN)


def test_a_wrong_token_says_so_in_its_own_words(window: Open, desk: Desk) -> None:
    admin = window("admin")
    admin.goto("/connections/new?kind=mynaga")
    admin.locator("input[name=name]").fill("Never saved")
    admin.locator("input[name=base_url]").fill(desk.upstream("mynaga"))
    admin.locator("input[name=secret]").fill("no-such-token-at-all")
    admin.locator("input[name=allow_http]").check()
    admin.get_by_role("button", name="Test connection").click()
    expect(admin.locator("main")).to_contain_text("token", ignore_case=True)
    expect(admin.locator("main")).to_contain_text(
        re.compile("refused|wrong|revoked|expired", re.IGNORECASE)
    )
    assert "no-such-token-at-all" not in httpx.get(f"{desk.url}/healthz").text


def test_the_picture_in_the_readme_exists() -> None:
    assert (ROOT / "docs" / "pictures" / "tickets.png").stat().st_size > 10_000
