"""What a user agent is called by people: “Firefox on Windows”. Pure; what is unknown is called a program."""

from __future__ import annotations

import re

# The first that fits wins: most browsers also claim to be older ones.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{0,40}")


def parts_of(user_agent: str) -> tuple[str, str]:
    """(browser or program, system); "" for what it does not say."""
    browser = _first(_BROWSERS, user_agent)
    if not browser:
        found = _PROGRAM.match(user_agent)
        browser = found[0] if found and found[0] != "Mozilla" else ""
    return browser, _first(_SYSTEMS, user_agent)


def is_handheld(user_agent: str) -> bool:
    return any(word in user_agent for word in ("iPhone", "iPad", "Android", "Mobile"))


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
