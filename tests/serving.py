"""The app of a test in a thread, for a real browser: by werkzeug, with live streams as gunicorn lets us have them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from tests.conftest import PASSWORD, PATIENCE_S
from webapp.realtime.writer import HandedOver


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address at which `app` answers, until the end."""
    server = _Server("127.0.0.1", 0, _ends_handed_over(app), handler=_Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def window_on(browser: Browser, address: str, **options: Any) -> BrowserContext:
    """A window of its own on the desk at `address`, as patient as the tests."""
    context = browser.new_context(base_url=address, **options)
    context.set_default_timeout(PATIENCE_S * 1000)
    return context


def enter(page: Page, email: str, password: str = PASSWORD, *, at: str = "/login") -> None:
    """Signs in by the form, to which `at` leads."""
    page.goto(at)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> dict[str, Any]:
        """The stream gets a descriptor of its own, which never waits, and werkzeug keeps its socket."""
        environ = super().make_environ()
        if environ["PATH_INFO"] == "/live":
            own = self.connection.dup()
            own.setblocking(False)
            environ["gunicorn.socket"] = own
        return environ

    def connection_dropped(self, *_: Any) -> None:
        self.close_connection = True


class _Server(ThreadedWSGIServer):
    def shutdown_request(self, request: Any) -> None:
        """Closed only: shutting it down would end the stream that holds the same connection."""
        self.close_request(request)


def _ends_handed_over(app: Flask) -> Any:
    """werkzeug knows no connection that somebody else has taken; it knows one that was dropped."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except HandedOver:
            raise ConnectionAbortedError from None

    return answer
