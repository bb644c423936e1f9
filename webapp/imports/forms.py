"""What a person says about a file: its columns, its words, and how it is to be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.imports.cells import BAD_WORD, WORDS
from webapp.imports.columns import HEADINGS
from webapp.imports.deciding import KEYS
from webapp.imports.files.texts import DELIMITERS, ENCODINGS


@dataclass(frozen=True)
class Said:
    mapping: dict[str, str]
    words: dict[str, dict[str, str]]
    options: dict[str, Any]


def match_from(
    form: Mapping[str, str],
    *,
    columns: Sequence[Mapping[str, Any]],
    ours: Mapping[str, Collection[str]],
) -> Said:
    """`ours`: what words can mean.

    Inputs `column-<place>`, `word-<field>-<place among its values>`, key, zone, day_first. Raises Invalid."""
    mapping = {
        str(place): name
        for place in range(len(columns))
        if (name := form.get(f"column-{place}", "")) in HEADINGS
    }
    _check(mapping, key=form.get("key", ""))
    zone = form.get("zone", "")
    if zone not in available_timezones():
        raise Invalid(gettext("Choose the time zone of the file."))
    options = {
        "key": form.get("key", ""),
        "zone": zone,
        "day_first": form.get("day_first", "1") == "1",
    }
    return Said(mapping, _words(form, mapping, columns, ours), options)


def options_from(form: Mapping[str, str]) -> dict[str, Any]:
    """sheet, encoding, delimiter: those that were chosen. What is none of the choices is left out."""
    found: dict[str, Any] = {}
    if form.get("sheet"):
        found["sheet"] = form["sheet"]
    if form.get("encoding") in ENCODINGS:
        found["encoding"] = form["encoding"]
    delimiter = {"tab": "\t"}.get(form.get("delimiter", ""), form.get("delimiter", ""))
    if delimiter in DELIMITERS:
        found["delimiter"] = delimiter
    return found


def _check(mapping: Mapping[str, str], *, key: str) -> None:
    fields = list(mapping.values())
    if len(fields) != len(set(fields)):
        raise Invalid(
            gettext("Two columns are matched with the same field: leave one of them out.")
        )
    if not {"title", "description", *KEYS} & set(fields):
        raise Invalid(gettext("Match a column with the title or the description first."))
    if key and key not in fields:
        raise Invalid(
            gettext("Known tickets are to be found by a number that no column is matched with.")
        )
    if key and key not in KEYS:
        raise Invalid(gettext("Choose one of the list."))


def _words(
    form: Mapping[str, str],
    mapping: Mapping[str, str],
    columns: Sequence[Mapping[str, Any]],
    ours: Mapping[str, Collection[str]],
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for place, name in mapping.items():
        if name not in WORDS:
            continue
        values = columns[int(place)]["values"] or []
        said = {value: form.get(f"word-{name}-{n}", "") for n, value in enumerate(values)}
        found[name] = {v: word for v, word in said.items() if word in (*ours[name], BAD_WORD)}
    return found
