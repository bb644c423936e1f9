"""What a list of jobs is narrowed to, as it stands in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from webapp.core.forms import number_from
from webapp.fieldwork.states import STATES
from webapp.tickets.texts import clean_line

ALL = "all"
NOBODY = "nobody"
_LONGEST = 200


@dataclass(frozen=True)
class JobFilters:
    """`state` empty: unfinished. `employee`: a number, or nobody. Days are whole days of the viewer's zone."""

    state: str = ""
    q: str = ""
    employee: str = ""
    barangay: str = ""
    skill: str = ""
    priority: str = ""
    first: str = ""
    last: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> JobFilters:
        """What an address says; what means nothing is left out."""
        state, employee = args.get("state", ""), args.get("employee", "")
        return cls(
            state=state if state in (*STATES, ALL) else "",
            q=clean_line(args.get("q", ""))[:_LONGEST],
            employee=employee if employee == NOBODY or number_from(employee) else "",
            barangay=clean_line(args.get("barangay", ""))[:_LONGEST],
            skill=clean_line(args.get("skill", ""))[:_LONGEST],
            priority=args["priority"] if args.get("priority") in ("1", "2", "3", "4") else "",
            first=_day(args.get("first", "")),
            last=_day(args.get("last", "")),
        )

    def as_args(self, **changed: Any) -> dict[str, Any]:
        return {name: text for name, text in asdict(replace(self, **changed)).items() if text}

    @property
    def narrowed(self) -> bool:
        return bool(self.as_args(state=""))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
