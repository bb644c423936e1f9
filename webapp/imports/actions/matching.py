"""Which column is which field, and which word which of ours: said by a person, and kept for files like it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from webapp.core import clock, db
from webapp.imports.actions.beginning import move
from webapp.imports.cells import WORDS, known_word
from webapp.imports.columns import digest
from webapp.imports.models import CHECKING, MATCHING, PREVIEW, Import, ImportHabit
from webapp.imports.places import our_names


def match(
    it: Import,
    *,
    mapping: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    options: Mapping[str, Any],
) -> bool:
    """Keep it, and have the rows checked. False: words are left that nobody has said the meaning of."""
    it.mapping, it.words = dict(mapping), {name: dict(known) for name, known in words.items()}
    it.options = {**it.options, **options}
    it.attempt = 0
    db.session().flush()
    if any(unknown_words(it).values()):
        return False
    _remember(it)
    move(it, CHECKING, expected=(MATCHING, PREVIEW))
    return True


def check_again(it: Import) -> None:
    """Back to its columns."""
    move(it, MATCHING, expected=(PREVIEW,))


def unknown_words(it: Import) -> dict[str, list[str]]:
    """Field → the words of its column that stand for nothing here, as far as anybody has said."""
    found: dict[str, list[str]] = {}
    names = our_names()
    for place, name in it.mapping.items():
        if name in WORDS:
            said = it.words.get(name, {})
            values = it.columns[int(place)]["values"] or []
            found[name] = [v for v in values if not (said.get(v) or known_word(name, v, names))]
    return found


def habit_of(headings: list[str]) -> ImportHabit | None:
    query = select(ImportHabit).where(ImportHabit.headings == digest(headings))
    return db.session().scalar(query)


def _remember(it: Import) -> None:
    headings = [column["heading"] for column in it.columns]
    habit = habit_of(headings)
    if habit is None:
        habit = ImportHabit(headings=digest(headings))
        db.session().add(habit)
    kept: dict[str, Any] = {name: it.options[name] for name in ("key", "zone", "day_first")}
    habit.mapping, habit.words, habit.options = it.mapping, it.words, kept
    habit.updated_at = clock.now()
    db.session().flush()
