"""Colleagues named by @ in a note. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping


def mentioned_in(text: str, people: Mapping[int, str]) -> set[int]:
    """Whom “@Name” means. Names may be of several words; where one begins another, the longer one is meant."""
    if "@" not in text:
        return set()
    by_name: dict[str, set[int]] = {}
    for key, name in people.items():
        if name.strip():
            by_name.setdefault(" ".join(name.split()).casefold(), set()).add(key)
    if not by_name:
        return set()
    longest_first = sorted(by_name, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    found = re.finditer(rf"(?<![\w@])@({names})(?!\w)", " ".join(text.split()).casefold())
    return {key for match in found for key in by_name[match.group(1)]}
