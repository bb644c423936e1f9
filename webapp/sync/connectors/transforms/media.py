"""Attached media as a list of {url, name, content_type, size}, whatever way they were given."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from webapp.sync.connectors.paths import ABSENT, compile_path
from webapp.sync.connectors.transforms.texts import clean, shorten

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]


def media(
    *,
    zone: ZoneInfo,
    url: str = "url",
    name: str = "name",
    content_type: str = "content_type",
    size: str = "size",
) -> Transform:
    """Takes an address, an object or a list of either; the arguments say where an object keeps what."""
    read_url, read_name = compile_path(url), compile_path(name)
    read_type, read_size = compile_path(content_type), compile_path(size)

    def one(member: Any, warn: Warn) -> dict[str, Any] | None:
        given = member if isinstance(member, dict) else {}
        address = read_url(member) if isinstance(member, dict) else member
        if not isinstance(address, str) or not address.strip():
            warn("an attachment without an address is left out")
            return None
        address = address.strip()
        if not address.lower().startswith(("https://", "http://")):
            warn("an attachment is left out: its address is not an http address")
            return None
        named = _text(read_name(given)) or _name_of(address)
        return {
            "url": address,
            "name": shorten(named, 255),
            "content_type": _text(read_type(given)) or mimetypes.guess_type(named)[0] or "",
            "size": _size(read_size(given)),
        }

    def apply(value: Any, warn: Warn) -> Any:
        members = value if isinstance(value, list) else [value]
        found = [one(member, warn) for member in members if member not in (None, "")]
        return list({each["url"]: each for each in found if each is not None}.values())

    return apply


def _text(value: Any) -> str:
    if value is ABSENT or value is None or isinstance(value, list | dict):
        return ""
    return clean(value) or ""


def _name_of(address: str) -> str:
    return unquote(urlsplit(address).path.rpartition("/")[2]) or "attachment"


def _size(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return value if isinstance(value, int) and value >= 0 else None
