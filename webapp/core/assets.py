"""Addresses of the files in static/: each changes with its file, so that browsers may keep one for a year."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from flask import request, url_for

STATIC = Path(__file__).parents[2] / "static"
LOOKED_AT_EVERY_S = 1.0


@dataclass
class _Known:
    """`version` grows when a file changes that a page has named."""

    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    looked_at: float = 0.0
    version: int = 0


_known = _Known()


def asset(path: str) -> str:
    """The address of a file in static/, new when the file changes."""
    look_again()
    key = (request.script_root, path)
    address = _known.addresses.get(key)
    if address is None:
        stamp = _known.stamps[path] = _stamp(path)
        address = _known.addresses[key] = url_for("static", filename=path, v=stamp)
    return address


def look_again() -> int:
    """The version of all that pages have named; looks at the files at most once a second."""
    now = time.monotonic()
    if now - _known.looked_at > LOOKED_AT_EVERY_S:
        _known.looked_at = now
        if any(_stamp(path) != stamp for path, stamp in _known.stamps.items()):
            _known.addresses.clear()
            _known.stamps.clear()
            _known.version += 1
    return _known.version


def _stamp(path: str) -> str:
    try:
        return f"{int((STATIC / path).stat().st_mtime):x}"
    except FileNotFoundError:
        return "0"
