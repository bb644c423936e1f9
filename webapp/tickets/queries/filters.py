"""What somebody asks the list for, as it stands in the address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from webapp.tickets import search
from webapp.tickets.areas import area_of
from webapp.tickets.states import PRIORITIES, STATUSES

UNFINISHED_ONES = ""  # the filter's default
UNFINISHED_WORD = "unfinished"  # the same, said in an address
ALL = "all"
NEWEST, UPDATED, PRIORITY, DUE, OLDEST = "newest", "updated", "priority", "due", "oldest"
SORTS = (NEWEST, UPDATED, PRIORITY, DUE, OLDEST)
ME, NOBODY = "me", "nobody"
ANY = "any"  # of a cluster: the ticket is in one
NONE = "(none)"  # of category and barangay: nothing is said
LATE_ANSWER, LATE_SOLUTION = "answer", "solution"

# Operators that say themselves which statuses are meant, or look for one ticket whatever its status.
_OF_ANY_STATUS = ("status", "ref")
_ROW = re.compile(r"[0-9]{1,17}")


@dataclass(frozen=True)
class Filters:
    """`status`: "" unfinished ones, "all", or one. `assignee`: me, nobody or a key; `team`: nobody or a key.
    `category`, `barangay`: a name, or NONE. `late`: with what, though it was promised.
    `cluster`: ANY, nobody, a key. `tag`: a tag's key. Days are YYYY-MM-DD and both included; `overdue`, `problem`: "1".
    `merged`: "1" also those that another stands for, which a search finds anyway.
    `area`: south,west,north,east in degrees."""

    status: str = UNFINISHED_ONES
    category: str = ""
    source: str = ""
    q: str = ""
    assignee: str = ""
    barangay: str = ""
    team: str = ""
    tag: str = ""
    priority: str = ""
    reported_from: str = ""
    reported_to: str = ""
    updated_from: str = ""
    updated_to: str = ""
    came_from: str = ""  # when it came to this desk
    came_to: str = ""
    finished_from: str = ""
    finished_to: str = ""
    overdue: str = ""
    late: str = ""
    problem: str = ""
    merged: str = ""
    cluster: str = ""
    area: str = ""
    sort: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Filters:
        """From the address; what cannot be meant there is left out."""
        # To ask the arguments for what is not there takes Werkzeug as long as all the rest here.
        given = {name: args[name].replace("\x00", "").strip() for name in _NAMES if name in args}
        kept = {name: value for name, value in given.items() if value and _fits(name)(value)}
        if not given.get("status") and _says_status(kept.get("q", "")):
            kept["status"] = ALL
        if kept.get("status") == UNFINISHED_WORD:
            del kept["status"]
        if kept.get("sort") == NEWEST:
            del kept["sort"]
        return cls(**kept)

    def as_args(self, **changed: str) -> dict[str, Any]:
        """For url_for, with some of it changed. The status always stands there: an address with nothing in it is
        the person's own beginning."""
        values = {**self.__dict__, **changed}
        values["status"] = values["status"] or UNFINISHED_WORD
        return {name: value for name, value in values.items() if value}

    @property
    def narrowed(self) -> bool:
        return bool(self.narrowing)

    @property
    def narrowing(self) -> dict[str, str]:
        """name → value of what leaves tickets out, besides the status."""
        return {
            name: value
            for name, value in self.__dict__.items()
            if value and name not in ("status", "sort")
        }

    def without(self, name: str) -> Filters:
        return replace(self, **{name: ""})


_NAMES = tuple(field.name for field in fields(Filters))


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _says_status(q: str) -> bool:
    return any(each.name in _OF_ANY_STATUS for each in search.parse(q).operators)


def _is_row_or(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words or bool(_ROW.fullmatch(value))


def _is_text(value: str) -> bool:
    return len(value) <= search.LONGEST


def _fits(name: str) -> Callable[[str], bool]:
    return _is_day if name.endswith(("_from", "_to")) else _FITS.get(name, _is_text)


_FITS: dict[str, Callable[[str], bool]] = {
    "status": (*STATUSES, ALL, UNFINISHED_WORD).__contains__,
    "sort": SORTS.__contains__,
    "priority": {str(each) for each in PRIORITIES}.__contains__,
    "assignee": _is_row_or(ME, NOBODY),
    "cluster": _is_row_or(ANY, NOBODY),
    "team": _is_row_or(NOBODY),
    "overdue": "1".__eq__,
    "late": (LATE_ANSWER, LATE_SOLUTION).__contains__,
    "problem": "1".__eq__,
    "merged": "1".__eq__,
    "area": lambda value: area_of(value) is not None,
}
