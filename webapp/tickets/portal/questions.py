"""What a form asks besides the usual: which questions a category brings, and whether an answer is one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from webapp.tickets.texts import clean_line, clean_text

TEXT, LIST, NUMBER, DATE, PLACE, FILE = "text", "list", "number", "date", "place", "file"
KINDS = (TEXT, LIST, NUMBER, DATE, PLACE, FILE)
MOST = 30  # questions of one form
LONGEST_ANSWER = 2000
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Question:
    """`key` names its field; `categories`: asked for these alone, for all where there are none."""

    key: str
    label: str
    kind: str = TEXT
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        return f"answer-{self.key}"

    @property
    def sides(self) -> tuple[str, str]:
        """Of a place: the fields that latitude and longitude come in, when it was chosen on the map."""
        return f"{self.field}-lat", f"{self.field}-lng"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(value, label) of what can be chosen."""
        return [(choice, choice) for choice in self.choices]

    def is_asked(self, category: str) -> bool:
        return not self.categories or category in self.categories

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def questions_of(stored: Iterable[Mapping[str, Any]]) -> list[Question]:
    """As they stand in the form's row."""
    return [
        Question(
            **{
                **each,
                "choices": tuple(each.get("choices", ())),
                "categories": tuple(each.get("categories", ())),
            }
        )
        for each in stored
    ]


def is_slug(text: str) -> bool:
    return len(text) <= 60 and bool(_SLUG.fullmatch(text))


def answers_to(
    questions: Sequence[Question], typed: Mapping[str, str], *, category: str
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """(label, answer) of what was answered, and field → sentence of what is wrong.

    `typed`: field → text; of a file its names. What this category does not bring is left out.
    """
    answers, wrong = [], {}
    for question in questions:
        if not question.is_asked(category):
            continue
        text = clean_text(typed.get(question.field, ""))
        if question.kind == PLACE and (point := point_of(question, typed)):
            text = f"{text} ({', '.join(point)})".strip()
        problem = _problem(question, text)
        if problem:
            wrong[question.field] = problem
        elif text:
            answers.append((question.label, text))
    return answers, wrong


def point_of(question: Question, typed: Mapping[str, str]) -> tuple[str, str] | None:
    """Latitude and longitude that were chosen for a place; None where they are none."""
    lat, lng = (typed.get(side, "").strip() for side in question.sides)
    if not (_DEGREES.fullmatch(lat) and _DEGREES.fullmatch(lng)):
        return None
    return (lat, lng) if abs(float(lat)) <= 90 and abs(float(lng)) <= 180 else None


def place_of(
    questions: Sequence[Question], typed: Mapping[str, str], *, category: str
) -> dict[str, str]:
    """place, lat, lng of the first place that was answered: where the ticket is, when its own field says nothing."""
    for question in questions:
        text = clean_line(typed.get(question.field, ""))
        if question.kind == PLACE and question.is_asked(category):
            point = point_of(question, typed)
            if text or point:
                return {
                    "place": text,
                    **(dict(zip(("lat", "lng"), point, strict=True)) if point else {}),
                }
    return {}


def _problem(question: Question, text: str) -> str:
    if not text:
        return gettext("Please answer this.") if question.required else ""
    if len(text) > LONGEST_ANSWER:
        return gettext("This is too long: at most %(n)s characters.", n=LONGEST_ANSWER)
    if question.kind == LIST and text not in question.choices:
        return gettext("Please choose one of the list.")
    if question.kind == NUMBER and not _NUMBER.fullmatch(text):
        return gettext("This must be a number, such as 12 or 3.5.")
    if question.kind == DATE and not _is_day(text):
        return gettext("This must be a day, such as 2026-01-31.")
    return ""


def lines_of(text: str) -> tuple[str, ...]:
    """One entry a line, each once."""
    return tuple(dict.fromkeys(line for each in text.splitlines() if (line := clean_line(each))))


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
