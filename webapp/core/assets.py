"""The files in static/: an address of each changes with its file, so that browsers may keep one for a year.

Sent without the session (`core/cookies.py`): whatever opens it makes an answer differ by cookie, and with each new
cookie a browser would ask for all of them anew.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp.core.bundles import BUNDLES, joined, stamp_of

LOOKED_AT_EVERY_S = 1.0


@dataclass
class _Known:
    """`version` grows when a file changes that a page has named."""

    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    looked_at: float = 0.0
    version: int = 0


_known = _Known()


def init_app(app: Flask) -> None:
    app.view_functions["static"] = _static
    app.get_send_file_max_age = _max_age  # type: ignore[method-assign, assignment]


def asset(path: str) -> str:
    """The address of a file in static/, or of a bundle of them; new when a file changes."""
    look_again()
    key = (request.script_root, path)
    address = _known.addresses.get(key)
    if address is None:
        stamp = _known.stamps[path] = stamp_of(path)
        address = _known.addresses[key] = url_for("static", filename=path, v=stamp)
    return address


def look_again() -> int:
    """The version of all that pages have named; looks at the files at most once a second."""
    now = time.monotonic()
    if now - _known.looked_at > LOOKED_AT_EVERY_S:
        _known.looked_at = now
        named = list(_known.stamps.items())  # another thread may name one more meanwhile
        if any(stamp_of(path) != stamp for path, stamp in named):
            _known.addresses.clear()
            _known.stamps.clear()
            _known.version += 1
    return _known.version


def _static(filename: str) -> BaseResponse:
    return _bundle(filename) if filename in BUNDLES else _file(filename)


def _file(filename: str) -> BaseResponse:
    answer = current_app.send_static_file(filename)
    if (answer.mimetype or "").startswith(("text/", "image/svg")):
        # Small texts are read at once: Flask-Compress leaves an open file behind when it streams one.
        answer.direct_passthrough = False
        answer.make_sequence()
    return answer


def _bundle(name: str) -> BaseResponse:
    stamp = stamp_of(name)
    whole, small = joined(name, stamp)
    packed = request.accept_encodings["br"] > 0
    answer = Response(
        small if packed else whole,
        mimetype="text/css" if name.endswith(".css") else "text/javascript",
    )
    if packed:
        answer.content_encoding = "br"
    answer.vary.add("Accept-Encoding")
    answer.cache_control.public = True
    answer.cache_control.max_age = _max_age(name)
    answer.set_etag(f"{stamp}-{'br' if packed else 'plain'}")
    return answer.make_conditional(request)


def _max_age(_filename: str | None) -> int:
    """Seconds that a file may be kept: a year under its stamped address, else five minutes."""
    return 31_536_000 if request.args.get("v") else 300
