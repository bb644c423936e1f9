"""What somebody typed into the search box, taken apart: words, phrases and operators. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 300  # characters that are looked at
MOST_PARTS = 20
BEGINNING_FROM = 3  # a word this long finds what begins with it, too

OPERATORS = (
    "status",
    "assignee",
    "tag",
    "team",
    "category",
    "cluster",
    "source",
    "priority",
    "before",
    "after",
    "ref",
    "has",
)
_PART = re.compile(
    r'(?P<minus>-)?(?:(?P<name>[A-Za-z]+):(?=[^\s/:]))?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))'
)
_WORD = re.compile(r"[^\W_]+")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True)
class Term:
    """Words that stand one after the other. `exact`: as they are, not the beginning of longer ones."""

    words: tuple[str, ...]
    exact: bool = False
    excluded: bool = False


@dataclass(frozen=True)
class Operator:
    name: str
    value: str
    excluded: bool = False


@dataclass(frozen=True)
class Search:
    """`unknown`: names of operators that there are not."""

    terms: tuple[Term, ...] = ()
    operators: tuple[Operator, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.excluded)


def parse(text: str) -> Search:
    """Anything that can be typed means something: signs that are no words are left out."""
    terms: list[Term] = []
    operators: list[Operator] = []
    unknown: list[str] = []
    for part in _parts(text[:LONGEST]):
        name, quoted, minus = part["name"], part["quoted"], bool(part["minus"])
        value = quoted if quoted is not None else part["bare"]
        if name and name.lower() in OPERATORS:
            operators.append(Operator(name.lower(), value.strip(), minus))
        elif name:
            unknown.append(name.lower())
        elif words := words_of(value):
            terms.append(Term(words, exact=quoted is not None, excluded=minus))
    return Search(tuple(terms), tuple(operators), tuple(dict.fromkeys(unknown)))


def _parts(text: str) -> Iterator[re.Match[str]]:
    for number, part in enumerate(_PART.finditer(text)):
        if number == MOST_PARTS:
            return
        yield part


def words_of(text: str) -> tuple[str, ...]:
    """As the index holds them: lower case, without accents, letters and figures only."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f")
    return tuple(_WORD.findall(unicodedata.normalize("NFC", plain)))


def for_sqlite(terms: tuple[Term, ...], *, every: bool = True) -> str:
    """The terms in FTS5's language; `every`: all of them, else one of them."""
    return (" AND " if every else " OR ").join(
        f'"{" ".join(term.words)}"' + ("*" if _begins(term) else "") for term in terms
    )


def for_postgresql(terms: tuple[Term, ...], *, every: bool = True) -> str:
    """The terms in the language of to_tsquery."""
    return (" & " if every else " | ").join(
        "(" + " <-> ".join(term.words) + (":*" if _begins(term) else "") + ")" for term in terms
    )


def _begins(term: Term) -> bool:
    return not term.exact and len(term.words[-1]) >= BEGINNING_FROM


def day_of(text: str, *, today: date) -> date | None:
    """2026-11-28, 2026-11 or 2026 (their first day), today, yesterday, or 7d (seven days ago); else None."""
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return today - timedelta(days=int(word == "yesterday"))
    if word[-1:] == "d" and word[:-1].isdecimal() and len(word) <= 6:
        return today - timedelta(days=min(int(word[:-1]), 36_500))
    if not (found := _DAY.fullmatch(word)):
        return None
    year, month, day = (int(each) if each else 1 for each in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
