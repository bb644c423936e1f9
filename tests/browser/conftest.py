"""A running desk and a real Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.running import Desk, drop_database, new_desk
from tests.serving import enter, window_on


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    running = new_desk(tmp_path_factory.mktemp("desk"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        drop_database(running)


class Window:
    """One browser window (a context of its own) that collects what must not happen."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context, self.page = context, page
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on(
            "pageerror",
            lambda error: self.complaints.append(
                f"page error on {page.url}: {error} {error.stack}"
            ),
        )
        page.on("response", self._response)

    def _console(self, message: object) -> None:
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.complaints.append(f"console: {message.text}")  # type: ignore[attr-defined]

    def _response(self, response: object) -> None:
        if response.status >= 400:  # type: ignore[attr-defined]
            self.complaints.append(f"{response.status} {response.url}")  # type: ignore[attr-defined]


@pytest.fixture
def window(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """`window()` opens one; `window("agent")` signs in with that role. No complaint may be left at the end."""
    opened: list[Window] = []

    def open_window(role: str = "", *, width: int = 1280, height: int = 900) -> Page:
        context = window_on(
            browser, desk.url, viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        page = context.new_page()
        opened.append(Window(context, page))
        if role:
            email, password = desk.account(role)
            enter(page, email, password)
        return page

    yield open_window
    for each in opened:
        for complaint in each.complaints:
            print("COMPLAINT", complaint)
    complaints = [complaint for each in opened for complaint in each.complaints]
    for each in opened:
        each.context.close()
    assert complaints == []
