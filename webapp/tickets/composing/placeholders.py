"""Places in a saved reply that are filled in for one ticket: {{ reporter }}. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

KNOWN = ("reporter", "ref", "title", "agent", "desk", "follow_link")

_PLACE = re.compile(r"\{\{\s*([^{}\n]*?)\s*\}\}")


@dataclass(frozen=True)
class Filled:
    """`empty`: places that this ticket has nothing for. They are left out of the text."""

    text: str
    empty: tuple[str, ...]


def unknown_in(text: str) -> list[str]:
    """Names of places that nothing fills, in their order, each once."""
    return list(dict.fromkeys(name for name in _PLACE.findall(text) if name not in KNOWN))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """`text` with its places filled. What nothing fills stays as it is written, so that it is seen."""
    empty: dict[str, None] = {}

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in KNOWN:
            return match.group()
        value = values.get(name, "")
        if not value:
            empty[name] = None
        return value

    return Filled(_PLACE.sub(one, text), tuple(empty))
