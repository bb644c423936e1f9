"""An import as its pages show it. Pure but for the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext

from webapp.imports import queries
from webapp.imports.cells import BAD_WORD, WORDS, known_word
from webapp.imports.columns import HEADINGS
from webapp.imports.models import (
    BAD,
    CHECKING,
    CREATE,
    DONE,
    FAILED,
    LEFT,
    MATCHING,
    PREVIEW,
    READING,
    RUNNING,
    TAKEN_BACK,
    UNCHANGED,
    UNDOING,
    UNDONE,
    UPDATE,
    Import,
)
from webapp.imports.places import our_names, our_words
from webapp.tickets.words import field_name

LEFT_SHOWN = 20


def state_words(it: Import) -> str:
    return {
        READING: gettext("The file is being read"),
        MATCHING: gettext("Its columns wait to be matched"),
        CHECKING: gettext("Its rows are being checked"),
        PREVIEW: gettext("It waits for your word"),
        RUNNING: gettext("The import is under way"),
        DONE: gettext("Imported"),
        UNDOING: gettext("The import is being undone"),
        UNDONE: gettext("Undone"),
        FAILED: gettext("It cannot be read"),
    }[it.state]


def matching(it: Import) -> dict[str, Any]:
    """For matching columns: the fields, what is known of the columns, and words to be told."""
    return {
        "fields": [(name, field_word(name)) for name in HEADINGS],
        "first": queries.first_rows(it),
        "words": [
            (name, field_word(name), _asked(it, place, name))
            for place, name in it.mapping.items()
            if name in WORDS
        ],
        "ours": our_words(),
        "bad_word": BAD_WORD,
    }


def found(it: Import) -> dict[str, Any]:
    """For preview, progress and result."""
    counts = it.counts
    return {
        "create": counts.get(CREATE, 0),
        "update": counts.get(UPDATE, 0),
        "unchanged": counts.get(UNCHANGED, 0),
        "bad": counts.get(BAD, 0),
        "undone": counts.get(TAKEN_BACK, 0),
        "left": counts.get(LEFT, 0),
        "samples": [
            (name, words, [_sample(each) for each in it.samples.get(name, [])])
            for name, words in _outcomes(counts)
            if it.samples.get(name)
        ],
        "reasons": queries.reasons(it.id) if counts.get(BAD) else [],
        "left_rows": queries.left_rows(it.id, limit=LEFT_SHOWN) if counts.get(LEFT) else [],
        "mails": any("status" in each["changes"] for each in it.samples.get(UPDATE, [])),
    }


def field_word(name: str) -> str:
    return {"status": gettext("Status"), "ref": gettext("Reference")}.get(name) or field_name(name)


def _outcomes(counts: dict[str, Any]) -> list[tuple[str, str]]:
    n = {name: int(counts.get(name, 0)) for name in (CREATE, UPDATE, UNCHANGED, BAD)}
    return [
        (CREATE, ngettext("%(num)s new ticket", "%(num)s new tickets", n[CREATE])),
        (UPDATE, ngettext("%(num)s change", "%(num)s changes", n[UPDATE])),
        (BAD, ngettext("%(num)s bad row", "%(num)s bad rows", n[BAD])),
        (UNCHANGED, ngettext("%(num)s is as it is", "%(num)s are as they are", n[UNCHANGED])),
    ]


def _asked(it: Import, place: str, name: str) -> list[tuple[int, str, str]]:
    """(place among the values, word in the file, ours as far as known)"""
    values = it.columns[int(place)]["values"] or []
    said, names = it.words.get(name, {}), our_names()
    return [(n, v, said.get(v) or known_word(name, v, names)) for n, v in enumerate(values)]


def _sample(each: dict[str, Any]) -> dict[str, Any]:
    names = {name: dict(choices) for name, choices in our_words().items()}
    changes = [
        (field_word(name), _value(name, old, names), _value(name, new, names))
        for name, (old, new) in each["changes"].items()
    ]
    return {**each, "changes": changes}


def _value(name: str, value: Any, names: Mapping[str, Mapping[str, str]]) -> str:
    if value in (None, "", []):
        return "–"
    if name in names:
        return names[name].get(str(value), str(value))
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
