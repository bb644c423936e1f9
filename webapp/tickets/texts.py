"""Text as people and upstreams send it, made fit to store and show. Pure."""

from __future__ import annotations

import re
import unicodedata

# Control characters that no text needs. NUL cannot be stored by PostgreSQL at all.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
LONGEST_GREETING = 40
_WEB = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Text of many lines: composed (NFC), storable, line ends as \\n, nothing around it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").isprintable():
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text
        text = _CONTROLS.sub("", text)
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def clean_line(text: str) -> str:
    """Text of one line."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", clean_text(text)).strip()


def shorten(text: str, *, limit: int) -> str:
    """At most `limit` characters; what was cut is marked by …"""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def title_from(*candidates: str) -> str:
    """A title of the first text that says something: its first line, cut at 120 characters.

    A greeting alone on its line ("Hello,") says nothing where another line follows.
    """
    for candidate in candidates:
        lines = [clean_line(line) for line in clean_text(candidate).splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > 1 and lines[0].endswith(",") and len(lines[0]) <= LONGEST_GREETING:
            del lines[0]
        if lines:
            return shorten(lines[0], limit=120)
    return "–"


def web_address(text: str) -> str:
    """`text` when it is an http(s) address, else nothing: it will stand in a link."""
    text = clean_line(text)
    return text if is_web(text) else ""


def is_web(text: str) -> bool:
    """Whether it begins as an http(s) address does."""
    return _WEB.match(text) is not None
