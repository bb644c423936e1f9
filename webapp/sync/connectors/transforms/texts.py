"""Texts made clean: one form of Unicode, one form of line end, no characters a database refuses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]

_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NO_DIGIT, _TELEPHONE = re.compile(r"[^\d+]"), re.compile(r"\+?\d{7,15}")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def clean(value: Any) -> str | None:
    """A scalar as tidy text; None when nothing is left. Raises ValueError for a list or an object."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip() or None
    elif isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, int | float):
        value = repr(value)
    else:
        raise ValueError(f"a text was expected, not {_named(value)}")
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if not value.isprintable():
        value = _REFUSED.sub("", value)
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    return value.strip() or None


def _named(value: Any) -> str:
    return {"list": "a list", "dict": "an object"}.get(type(value).__name__, "this")


def text(*, zone: ZoneInfo) -> Transform:
    return lambda value, warn: clean(value)


def crlf(*, zone: ZoneInfo) -> Transform:
    """Line ends become \\n; nothing else changes."""
    return lambda value, warn: str(value).replace("\r\n", "\n").replace("\r", "\n")


def first_line(*, zone: ZoneInfo, length: int = 120) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        if value.__class__ is str and value.isascii():
            # Of a long text only the beginning needs to be looked at.
            head = value.lstrip()[: 2 * length].partition("\n")[0].strip()
            if len(head) > length and head.isprintable():
                return shorten(head, length)
        whole = clean(value)
        return None if whole is None else shorten(whole.partition("\n")[0].strip(), length)

    return apply


def truncate(*, zone: ZoneInfo, length: int) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        whole = clean(value)
        return None if whole is None else shorten(whole, length)

    return apply


def shorten(value: str, length: int) -> str:
    """Cut at a word where one ends near, with an ellipsis."""
    if len(value) <= length:
        return value
    cut = value[: length - 1]
    head, blank, _tail = cut.rpartition(" ")
    return (head if blank and len(head) > length // 2 else cut).rstrip(" ,;:.–-") + "…"


def lower(*, zone: ZoneInfo) -> Transform:
    return lambda value, warn: str(value).lower()


def upper(*, zone: ZoneInfo) -> Transform:
    return lambda value, warn: str(value).upper()


def join(*, zone: ZoneInfo, separator: str = ", ") -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        members = value if isinstance(value, list) else [value]
        kept = [
            each for each in (clean(member) for member in members if member is not None) if each
        ]
        return separator.join(dict.fromkeys(kept)) or None

    return apply


def first(*, zone: ZoneInfo) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        return (value[0] if value else None) if isinstance(value, list) else value

    return apply


def prefix(*, zone: ZoneInfo, text: str) -> Transform:
    """Puts a text in front, as for an address of which only the last part is given."""
    return lambda value, warn: f"{text}{clean(value) or ''}"


class _Words(HTMLParser):
    _BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"})
    _HIDDEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in self._HIDDEN), 0)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def strip_html(*, zone: ZoneInfo) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        whole = clean(value)
        if whole is None or ("<" not in whole and "&" not in whole):
            return whole
        words = _Words()
        words.feed(whole)
        words.close()
        return clean(re.sub(r"\n{3,}", "\n\n", "".join(words.parts)))

    return apply


def phone(*, zone: ZoneInfo, country: str = "") -> Transform:
    """Digits with a leading +; a national number gets `country` (digits such as 63) for its first 0."""

    def apply(value: Any, warn: Warn) -> Any:
        whole = clean(value)
        if whole is None:
            return None
        digits = whole if whole.isdecimal() else _NO_DIGIT.sub("", whole)
        digits = f"+{digits[2:]}" if digits.startswith("00") else digits
        if country and digits.startswith("0"):
            digits = f"+{country}{digits[1:]}"
        if _TELEPHONE.fullmatch(digits):
            return digits
        warn("the telephone number is kept as it came: it does not look like one")
        return whole

    return apply


def email(*, zone: ZoneInfo) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        whole = clean(value)
        if whole is None or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", whole):
            return whole
        warn("the e-mail address is left out: it does not look like one")
        return None

    return apply


def url(*, zone: ZoneInfo) -> Transform:
    """An http(s) address; anything else (javascript:, relative paths) is left out with a warning."""

    def apply(value: Any, warn: Warn) -> Any:
        whole = clean(value)
        if whole is None or _WEB.match(whole):
            return whole
        warn("the link is left out: it is not an http address")
        return None

    return apply
