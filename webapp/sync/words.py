"""Words for what runs carry as codes."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

ERRORS: Mapping[str, object] = {
    "network": lazy_gettext("No network"),
    "dns": lazy_gettext("Name not found"),
    "tls": lazy_gettext("Encryption failed"),
    "timeout": lazy_gettext("No answer in time"),
    "unauthorized": lazy_gettext("Token refused"),
    "forbidden": lazy_gettext("Not allowed"),
    "not_found": lazy_gettext("Wrong address"),
    "gone": lazy_gettext("Gone there"),
    "rate_limited": lazy_gettext("Asked to wait"),
    "conflict": lazy_gettext("Refused as contradicting"),
    "rejected": lazy_gettext("Refused"),
    "server": lazy_gettext("Their server failed"),
    "not_json": lazy_gettext("A page instead of data"),
    "not_xml": lazy_gettext("A page instead of data (XML)"),
    "wrong_shape": lazy_gettext("Data in another form"),
    "too_large": lazy_gettext("Answer too large"),
    "redirect": lazy_gettext("Sent elsewhere"),
    "blocked": lazy_gettext("Address not allowed here"),
    "endless": lazy_gettext("List without an end"),
    "ties": lazy_gettext("Too many of one moment"),
    "empty": lazy_gettext("Empty list"),
    "quarantine": lazy_gettext("Too many unreadable records"),
    "interrupted": lazy_gettext("Worker stopped"),
    "broken": lazy_gettext("Our own mistake"),
}
STATES: Mapping[str, object] = {
    "running": lazy_gettext("Running"),
    "ok": lazy_gettext("Done"),
    "partial": lazy_gettext("Partly done"),
    "failed": lazy_gettext("Failed"),
    "cancelled": lazy_gettext("Stopped"),
}
TRIGGERS: Mapping[str, object] = {
    "schedule": lazy_gettext("On schedule"),
    "manual": lazy_gettext("Asked for"),
    "resume": lazy_gettext("Goes on"),
}
PARTS: Mapping[str, object] = {
    "created": lazy_gettext("created"),
    "updated": lazy_gettext("updated"),
    "unchanged": lazy_gettext("unchanged"),
    "deferred": lazy_gettext("deferred"),
    "skipped": lazy_gettext("skipped"),
    "quarantined": lazy_gettext("failed"),
}


def error_name(kind: str) -> str:
    """A failure's kind in two or three words."""
    return str(ERRORS.get(kind, kind))


def seconds(number: float | None) -> str:
    """A length of time in short: 0.4 s, 12 s, 4 min, 2 h 10 min."""
    if number is None:
        return "–"
    if number < 60:
        short = f"{number:.1f}" if number < 10 else f"{number:.0f}"
        return gettext("%(n)s s", n=short.removesuffix(".0"))
    if number < 3600:
        return gettext("%(n)s min", n=round(number / 60))
    hours, rest = divmod(round(number / 60), 60)
    return gettext("%(h)s h %(m)s min", h=hours, m=rest)
