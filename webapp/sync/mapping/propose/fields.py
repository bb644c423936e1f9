"""Which of their fields fills which of ours, by name and by what the values look like. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from webapp.sync.mapping.propose.finding import Leaf, looks_like_degrees, looks_like_time
from webapp.sync.mapping.propose.names import CREATED, IDS, NAMES, STATUSES, UPDATED, words

MOST_STATUSES = 30
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE = re.compile(r"^\+?[\d\s().-]{7,20}$")
_URL = re.compile(r"^https?://", re.IGNORECASE)
_HTML = re.compile(r"<(p|br|div|ul|li|a)\b", re.IGNORECASE)
_ORDER = (
    "external_status", "lat", "lng", "reporter_email", "reporter_phone", "reported_at", "attachments", "source_url",
    "description", "title", "refined_category", "category", "barangay", "reporter_name", "place",
)  # fmt: skip


def id_path(found: Sequence[Leaf]) -> str | None:
    """What tells the records apart: a usual name, present everywhere, never twice."""
    possible = [leaf for leaf in found if "[]" not in leaf.path and _tells_apart(leaf)]
    return _by_name(possible, IDS) or (possible[0].path if possible else None)


def time_path(found: Sequence[Leaf], *, created: bool) -> str | None:
    times = [leaf for leaf in found if looks_like_time(leaf.values)]
    return _by_name(times, CREATED if created else UPDATED)


def fields_of(found: Sequence[Leaf]) -> dict[str, Any]:
    """The rules of a shape's `fields`."""
    chosen: dict[str, str] = {}
    for field in _ORDER:
        fit = [leaf for leaf in found if leaf.path not in chosen.values() and _FITS[field](leaf)]
        path = _by_name(fit, NAMES[field])
        if path is not None:
            chosen[field] = path
    _pair_of_degrees(found, chosen)
    if "title" not in chosen and "description" in chosen:
        chosen["title"] = chosen["description"]
    by_path = {leaf.path: leaf for leaf in found}
    rules = {field: _rule(field, by_path[path]) for field, path in chosen.items()}
    rules |= _half_pairs(found, chosen)
    if "external_status" in rules:
        rules["status"] = {"from": chosen["external_status"], "values": "status"}
    order = ("title", "description", *NAMES, "status")
    return {field: rules[field] for field in dict.fromkeys(order) if field in rules}


def status_values(found: Sequence[Leaf], path: str) -> dict[str, str]:
    """Their words as they were seen → ours, where one is plain."""
    leaf = next((leaf for leaf in found if leaf.path == path), None)
    seen = dict.fromkeys(str(value) for value in leaf.values) if leaf else {}
    meant = {theirs: STATUSES.get(words(theirs)) for theirs in list(seen)[:MOST_STATUSES]}
    return {theirs: ours for theirs, ours in meant.items() if ours}


def _by_name(leaves: Sequence[Leaf], names: Sequence[str]) -> str | None:
    """The leaf whose whole name, last name, or last words stand earliest among the usual names."""
    best: tuple[int, int, str] | None = None
    for leaf in leaves:
        for rank, name in enumerate(names):
            if leaf.full_name == name:
                score = rank * 3
            elif leaf.name == name:
                score = rank * 3 + 1 + 10 * leaf.path.count(".")
            elif leaf.full_name.endswith(f" {name}") or leaf.name.endswith(f" {name}"):
                score = rank * 3 + 40
            else:
                continue
            if best is None or (score, len(leaf.path)) < best[:2]:
                best = (score, len(leaf.path), leaf.path)
            break
    return best[2] if best else None


def _tells_apart(leaf: Leaf) -> bool:
    plain = all(isinstance(v, str | int) and not isinstance(v, bool) for v in leaf.values)
    whole = leaf.share == 1 and bool(leaf.values)
    short = all(len(str(v)) <= 200 for v in leaf.values)
    return plain and whole and short and len({str(v) for v in leaf.values}) == len(leaf.values)


def _texts(leaf: Leaf) -> bool:
    return bool(leaf.texts) and "[]" not in leaf.path and not looks_like_time(leaf.values)


def _words_not_links(leaf: Leaf) -> bool:
    return _texts(leaf) and not any(_URL.match(text) for text in leaf.texts)


def _people(leaf: Leaf) -> bool:
    return _words_not_links(leaf) and not any(_EMAIL.match(text) for text in leaf.texts)


def _named_kinds(leaf: Leaf) -> bool:
    """A word, or a list of named things as labels are."""
    if leaf.path.endswith("[].name"):
        return True
    return _words_not_links(leaf) and max(map(len, leaf.texts)) <= 120


def _all(pattern: re.Pattern[str]) -> Callable[[Leaf], bool]:
    return lambda leaf: bool(leaf.texts) and all(pattern.match(text) for text in leaf.texts)


def _few_words(leaf: Leaf) -> bool:
    values = [v for v in leaf.values if isinstance(v, str)]
    return bool(values) and max(map(len, values)) <= 60 and not any(_URL.match(v) for v in values)


def _files(leaf: Leaf) -> bool:
    named = leaf.path.rpartition(".")[2]
    if isinstance(leaf.values[0] if leaf.values else None, list):
        return "[]" not in leaf.path
    return _all(_URL)(leaf) and "[]" not in named


_FITS: dict[str, Callable[[Leaf], bool]] = {
    "title": _words_not_links,
    "description": _words_not_links,
    "category": _named_kinds,
    "refined_category": _named_kinds,
    "barangay": _named_kinds,
    "place": _words_not_links,
    "lat": lambda leaf: looks_like_degrees(leaf.values, limit=90),
    "lng": lambda leaf: looks_like_degrees(leaf.values, limit=180),
    "reporter_name": _people,
    "reporter_phone": _all(_PHONE),
    "reporter_email": _all(_EMAIL),
    "external_status": _few_words,
    "source_url": _all(_URL),
    "reported_at": lambda leaf: looks_like_time(leaf.values),
    "attachments": _files,
}


def _rule(field: str, leaf: Leaf) -> Any:
    rule: dict[str, Any] = {"from": leaf.path}
    if any(_HTML.search(text) for text in leaf.texts):
        rule["transforms"] = ["strip_html"]
    if field == "title" and any("\n" in text or len(text) > 120 for text in leaf.texts):
        rule["transforms"] = [*rule.get("transforms", ()), "first_line"]
    if field == "category" and "[]" in leaf.path:
        rule["transforms"] = ["join"]
    if field in ("lat", "lng", "attachments"):
        rule["on_error"] = "warn"
    if field == "reporter_phone":
        rule["transforms"] = ["phone"]
    if field == "reporter_email":
        rule["transforms"] = ["email"]
    return rule if len(rule) > 1 else leaf.path


def _pair_of_degrees(found: Sequence[Leaf], chosen: dict[str, str]) -> None:
    """Half a pair says nothing."""
    if ("lat" in chosen) != ("lng" in chosen):
        chosen.pop("lat", None)
        chosen.pop("lng", None)


def _half_pairs(found: Sequence[Leaf], chosen: dict[str, str]) -> dict[str, Any]:
    """GeoJSON: [longitude, latitude] in one list."""
    if "lat" in chosen:
        return {}
    for leaf in found:
        if leaf.name != "coordinates" or not leaf.values:
            continue
        if all(
            isinstance(v, list) and len(v) >= 2 and looks_like_degrees(v[:2], limit=180)
            for v in leaf.values
        ):
            return {
                "lat": {"from": f"{leaf.path}.1", "on_error": "warn"},
                "lng": {"from": f"{leaf.path}.0", "on_error": "warn"},
            }
    return {}
