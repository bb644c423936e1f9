"""Templates of calls: {name} is replaced by a value, {name:int} by it as a whole number. No code runs in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(:int)?\}")
OMIT: Final = object()


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template filled in. What names a value that is absent or None is left out (OMIT at the top)."""
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, Mapping):
        filled = {key: fill(inner, values) for key, inner in template.items()}
        return {key: inner for key, inner in filled.items() if inner is not OMIT}
    if isinstance(template, list | tuple):
        return [inner for inner in (fill(each, values) for each in template) if inner is not OMIT]
    return template


def fill_texts(templates: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Headers or parameters: all values as texts."""
    filled = fill(templates, values)
    return {name: str(value) for name, value in filled.items()}


def fill_path(template: str, values: Mapping[str, Any]) -> str:
    """A path with its values percent-encoded, so that an id cannot leave its place. Raises KeyError."""
    return _PLACE.sub(lambda found: _segment(values[found[1]]), template)


def _segment(value: Any) -> str:
    encoded = quote(str(value), safe="")
    return encoded.replace(".", "%2E") if encoded in (".", "..") else encoded


def _text(template: str, values: Mapping[str, Any]) -> Any:
    places = _PLACE.findall(template)
    if any(values.get(name) is None for name, _ in places):
        return OMIT
    whole = _PLACE.fullmatch(template)
    if whole:
        return int(values[whole[1]]) if whole[2] else values[whole[1]]
    return _PLACE.sub(lambda found: str(values[found[1]]), template)
