"""Parts of pages that are the same again and again, drawn once: the frame of a page costs as much as fifty rows.

`{{ kept("ui/scripts.html") }}` in a template; with values, `{{ kept("ui/_who.html", name=…) }}`. A part sees these
values and the language, and nothing else of the request: so all that it shows is in its key. The request's own two
secrets stand in as marks.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask, current_app, request
from markupsafe import Markup

from webapp.core import assets
from webapp.core.page_words import speaker

MOST = 500
_CSRF, _NONCE = secrets.token_hex(12), secrets.token_hex(12)
_MARKS = {"csrf_token": lambda: _CSRF, "csp_nonce": lambda: _NONCE}


class Kept:
    """The parts of one app."""

    def __init__(self) -> None:
        self._parts: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        return self._parts.get(key)

    def put(self, key: Hashable, html: str) -> None:
        with self._lock:
            self._parts[key] = html
            while len(self._parts) > MOST:
                self._parts.popitem(last=False)


def init_app(app: Flask) -> None:
    app.extensions["kept"] = Kept()
    app.jinja_env.globals["kept"] = kept


def kept(template: str, **values: Hashable) -> Markup:
    """The part with these values."""
    env, parts = current_app.jinja_env, current_app.extensions["kept"]
    version = (assets.look_again(), speaker().language, request.script_root)
    key = (template, version, *values.values())
    html = parts.get(key)
    if html is None or env.auto_reload:
        html = env.get_template(template).render(**values, **_MARKS)
        parts.put(key, html)
    return Markup(_signed(html))  # noqa: S704 - a template's output, escaped there


def _signed(html: str) -> str:
    for mark, name in ((_NONCE, "csp_nonce"), (_CSRF, "csrf_token")):
        if mark in html:
            own: Callable[[], str] = current_app.jinja_env.globals[name]  # type: ignore[assignment]
            html = html.replace(mark, own())
    return html
