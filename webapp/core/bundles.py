"""Files of static/ that pages load together, sent as one: a first visit asks for eight files instead of seventy, and
what is alike in them is compressed once. The files stay apart on the disk, one behaviour each; there is no build step:
a process joins them as they are first asked for, and anew when one of them changes.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from pathlib import Path

import brotli

STATIC = Path(__file__).parents[2] / "static"


def _each(pattern: str, names: str) -> tuple[str, ...]:
    return tuple(pattern.format(name) for name in names.split())


_OFFLINE = "js/offline/{}.js"
BUNDLES: dict[str, tuple[str, ...]] = {
    "bundles/desk.css": (
        *_each("css/{}.css", "tokens base layout"),
        *_each(
            "css/components/{}.css",
            "icons buttons forms page cards badges tables tabs toasts live feed conversation chat tickets lists claims "
            "attachments facts payload figures charts dialog menu notices desk mails account device",
        ),
        *_each("css/{}.css", "utilities print"),
    ),
    "bundles/desk.js": (
        *_each("vendor/htmx-4.0.1/{}.min.js", "htmx ext/hx-sse ext/hx-ptag ext/hx-upsert"),
        *_each(
            "js/{}.js",
            "nav focus relative-time forms drafts confirm copy toasts bell unread-mark unanswered keys "
            "live-place live-guard live live-stream live-poll live-tabs live-rows live-regions",
        ),
    ),
    # Of who is signed in: sends what waits on this device, and signs out of it.
    "bundles/device.js": _each(_OFFLINE, "store order answers sender kept here sign-out"),
    # On field pages: what is done there is kept on the device first, and the pages are kept for later.
    "bundles/field.js": _each(_OFFLINE, "card shown waiting fresh queue ahead kept-page"),
    "bundles/ticket.js": _each(
        "js/{}.js",
        "here photo-preview complete replies server-drafts undo-send mentions copy-key",
    ),
    "bundles/report.js": _each("js/{}.js", "photo-preview form-questions place-picker"),
    # The service worker: each file adds its own listeners.
    "bundles/worker.js": (
        *_each(_OFFLINE, "store order answers sender kept"),
        *_each("js/sw/{}.js", "pages sending push"),
    ),
}


def stamp_of(path: str) -> str:
    """New when a file changes; of a bundle, when one of its files does. "0": there is none."""
    if path in BUNDLES:
        return f"{zlib.crc32(','.join(map(_changed, BUNDLES[path])).encode()):x}"
    return _changed(path)


def _changed(path: str) -> str:
    try:
        return f"{int((STATIC / path).stat().st_mtime):x}"
    except FileNotFoundError:
        return "0"


@lru_cache(maxsize=2 * len(BUNDLES))
def joined(name: str, _stamp: str) -> tuple[bytes, bytes]:
    """All files in a row, as they are and compressed (15 to 20 ms, once in a process)."""
    joins = _scripts if name.endswith(".js") else _sheets
    whole = joins([(STATIC / path).read_text() for path in BUNDLES[name]]).encode()
    return whole, brotli.compress(whole, quality=9)


def _scripts(texts: list[str]) -> str:
    # One that fails as it begins takes none of the others with it, as if each were loaded by itself.
    return "".join(
        f"try {{\n{text}\n}} catch (error) {{ reportError(error); }}\n" for text in texts
    )


def _sheets(texts: list[str]) -> str:
    return "\n".join(texts).replace(
        'url("../../', 'url("../'
    )  # from where the bundle is, a folder higher
