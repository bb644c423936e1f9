"""From cells to what a ticket may be made of. Pure. Each refusal is a sentence that names the field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from flask_babel import gettext
from pydantic import ValidationError

from webapp.core.forms import field_errors
from webapp.imports.files import Cell
from webapp.tickets import words
from webapp.tickets.states import LONGEST_TAG, MOST_TAGS, PRIORITY_CODES, STATUSES
from webapp.tickets.texts import clean_line
from webapp.tickets.values import TicketValues, storable

TIMES = ("reported_at", "resolved_at", "due_at")
WORDS = ("status", "priority", "team", "assignee")  # fields whose values are words of this desk
BAD_WORD = "-"  # a word that means none of ours: its rows are left out
NOBODY = "0"  # a word that means no team, or nobody

Names = Mapping[str, Mapping[str, str]]  # field → name of ours, in small letters → its value

_DAY = re.compile(
    r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])?\.?m?\.?)?$",
    re.IGNORECASE,
)
_USUAL = {
    "new": "open", "pending": "open", "received": "open", "ongoing": "in_progress", "on going": "in_progress",
    "in process": "in_progress", "processing": "in_progress", "assigned": "in_progress", "done": "resolved",
    "fixed": "resolved", "solved": "resolved", "completed": "resolved", "finished": "resolved",
    "rerouted": "for_rerouting", "nouveau": "open", "ouvert": "open", "en cours": "in_progress",
    "résolu": "resolved", "fermé": "closed", "bukas": "open", "tapos na": "resolved", "sarado": "closed",
}  # fmt: skip


class Refused(Exception):
    """A row cannot be taken. The message is for people."""


@dataclass(frozen=True)
class Reading:
    """How a file's rows are read. `mapping`: column's place → field. `names`: of teams and people."""

    mapping: Mapping[int, str]
    words: Mapping[str, Mapping[str, str]]
    zone: tzinfo
    day_first: bool
    width: int  # of the headings
    names: Names
    _known: dict[tuple[str, str], str] = field(default_factory=dict)  # few words stand in many rows

    def values_of(self, cells: Sequence[Cell]) -> dict[str, Any]:
        """Field → value, of the cells that hold something. Raises Refused."""
        if any(cells[self.width :]):
            raise Refused(
                gettext("It has %(n)s cells, the headings %(m)s.", n=len(cells), m=self.width)
            )
        found: dict[str, Any] = {}
        for place, name in self.mapping.items():
            cell = cells[place] if place < len(cells) else ""
            if cell and (not isinstance(cell, str) or cell.strip()):
                found[name] = self._value(name, cell)
        return found

    def _value(self, name: str, cell: Cell) -> Any:
        if isinstance(cell, dict) and "e" in cell:
            raise Refused(_about(name, gettext("the sheet has an error here: %(e)s", e=cell["e"])))
        if name in TIMES:
            return self._time(name, cell)
        text = cell["t"].replace("T", " ") if isinstance(cell, dict) else cell
        if name in WORDS:
            return self._word(name, text.strip())
        if name == "tags":
            return _tags(text)
        return text

    def _word(self, name: str, text: str) -> Any:
        ours = self._known.get((name, text))
        if ours is None:
            ours = self.words.get(name, {}).get(text) or known_word(name, text, self.names)
            if name in self.names and ours not in (*self.names[name].values(), NOBODY):
                ours = ""  # it was said once, and is gone
            self._known[name, text] = ours
        if not ours or ours == BAD_WORD:
            raise Refused(_about(name, gettext("“%(word)s” is none of ours", word=text[:60])))
        return ours if name == "status" else int(ours)

    def _time(self, name: str, cell: Cell) -> datetime:
        text = (cell["t"] if isinstance(cell, dict) else cell).strip()
        try:
            moment = _local(text, day_first=self.day_first) or datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self.zone)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused(_about(name, gettext("“%(word)s” is no time", word=text[:60]))) from None


def checked(values: Mapping[str, Any]) -> TicketValues:
    """Raises Refused."""
    try:
        return storable(dict(values))
    except ValidationError as error:
        name, what = next(iter(field_errors(error).items()))
        raise Refused(what if name == "form" else _about(name, what)) from None


def known_word(name: str, text: str, names: Names) -> str:
    """Our own value that the word plainly stands for, or nothing: as it is called here, or as exports have it."""
    key = text.strip().casefold()
    if name == "status":
        ours = {status: status for status in STATUSES}
        ours |= {words.status_name(status).casefold(): status for status in STATUSES}
        return (
            ours.get(key)
            or ours.get(key.replace("-", " ").replace(" ", "_"))
            or _USUAL.get(key, "")
        )
    if name in names:
        return names[name].get(key, "")
    priorities = {code: str(number) for number, code in PRIORITY_CODES.items()}
    priorities |= {words.priority_name(number).casefold(): str(number) for number in PRIORITY_CODES}
    priorities |= {"medium": "2", "critical": "4", "emergency": "4"}
    return priorities.get(key, "")


def _tags(text: str) -> list[str]:
    """Those that stand in one cell, with commas, semicolons or bars between."""
    found = [name for part in re.split(r"[,;|\n]", text) if (name := clean_line(part))]
    if len(found) > MOST_TAGS or any(len(name) > LONGEST_TAG for name in found):
        words = gettext("at most %(n)s tags of %(m)s letters", n=MOST_TAGS, m=LONGEST_TAG)
        raise Refused(_about("tags", words))
    return found


def _local(text: str, *, day_first: bool) -> datetime | None:
    found = _DAY.match(text)
    if not found:
        return None
    one, two, year, hour, minute, second, half = found.groups()
    day, month = (one, two) if day_first else (two, one)
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    full = int(year) + (2000 if len(year) == 2 else 0)
    return datetime(full, int(month), int(day), hours, int(minute or 0), int(second or 0))  # noqa: DTZ001


def _about(name: str, what: str) -> str:
    called = gettext("Status") if name == "status" else words.field_name(name)
    return f"{called}: {what}"
