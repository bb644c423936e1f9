"""Time zones that a person, a desk or a calendar can be in."""

from __future__ import annotations

from zoneinfo import available_timezones


def timezone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
