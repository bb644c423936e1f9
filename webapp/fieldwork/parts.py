"""How a line names a part and how many of it: “2 × lamp”, “3 x fuse”, “cable”. Pure."""

from __future__ import annotations

import re

MOST = 9999
_LINE = re.compile(r"(\d{1,4})\s*(?:[x×*]\s*|\s)(.+)", re.IGNORECASE)


def part_of(line: str) -> tuple[int, str]:
    """How many, and what."""
    found = _LINE.fullmatch(line.strip())
    if found is None or int(found[1]) == 0:
        return 1, line.strip()[:200]
    return int(found[1]), found[2].strip()[:200]
