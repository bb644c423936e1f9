"""A field worker's phone: a real Chromium with a profile of its own, that can be closed, killed and opened again."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.conftest import CHROMIUM_ARGUMENTS, CHROMIUMS
from tests.serving import enter
from webapp.accounts.models import User

ALL_SENT = """async () => {
  const count = document.getElementById("device-count");
  return "state" in count.dataset && count.hidden && !(await Device.unsent(Device.person)).length;
}"""


class Phone:
    """`page` is there while it is open. The profile stays in `folder` whatever happens to the browser."""

    page: Page
    context: BrowserContext

    def __init__(self, browser: Browser, address: str, folder: Path, *, dark: bool = False) -> None:
        self._type, self._address, self._folder = browser.browser_type, address, folder
        self._dark = dark
        self.errors: list[str] = []
        self.open()

    def open(self) -> Page:
        self.context = self._type.launch_persistent_context(
            str(self._folder),
            executable_path=next(filter(None, map(shutil.which, CHROMIUMS)), None),
            args=CHROMIUM_ARGUMENTS,
            base_url=self._address,
            viewport={"width": 390, "height": 844},
            reduced_motion="reduce",
            color_scheme="dark" if self._dark else "light",
        )
        self.context.set_default_timeout(90_000)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(f"{error} {error.stack}"))
        return self.page

    def close(self) -> None:
        with suppress(Error):
            self.context.close()

    def kill(self) -> None:
        """As when the battery is taken out: all its processes at once, none asked."""
        for process in Path("/proc").iterdir():
            with suppress(OSError):
                if process.name.isdecimal() and self._is_ours(process):
                    os.kill(int(process.name), signal.SIGKILL)
        self.close()
        for lock in self._folder.glob("Singleton*"):
            lock.unlink()

    def _is_ours(self, process: Path) -> bool:
        said = (process / "cmdline").read_bytes()
        return f"--user-data-dir={self._folder}".encode() in said

    def sign_in(self, person: User, *, to: str = "") -> Page:
        enter(self.page, person.email, at=to or "/login")
        return self.page

    def keep_ahead(self) -> None:
        """The day is open, everything of it is kept, and the service worker is at work."""
        self.page.locator("html[data-kept-ahead]").wait_for(state="attached")

    def all_sent(self, *, within_s: float = 120) -> None:
        """Nothing in its store waits, and the page says so: one that has not counted yet hides its count as well."""
        deadline = time.monotonic() + within_s
        while not self.page.evaluate(ALL_SENT):  # wait_for_function takes a promise for an answer
            assert time.monotonic() < deadline, self.queued()
            self.page.wait_for_timeout(100)

    def queued(self) -> list[dict[str, Any]]:
        """What its store holds, in order."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "async () => (await Device.of(Device.person)).map(({ files, ...each }) => each)"
        )
        return found

    def kept(self) -> list[str]:
        names: list[str] = self.page.evaluate("() => caches.keys()")
        return names
