"""What a person fills in about targets and calendars."""

from __future__ import annotations

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from pydantic import BaseModel, BeforeValidator, Field, field_validator

from webapp.tickets.states import PRIORITIES

LONGEST = 366 * 24 * 60  # minutes


def _minutes(value: Any) -> Any:
    """“90”, “90 min”, “4 h”, “2 d” (of 24 hours) as minutes; empty is None. Raises ValueError with a sentence."""
    text = str(value or "").strip().lower()
    if not text:
        return None
    said = _DURATION.fullmatch(text)
    if said is None:
        raise ValueError(gettext("This must be a time, such as 90 min, 4 h or 2 d."))
    return round(float(said[1].replace(",", ".")) * _UNITS[said[2][:1]])


_DURATION = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)\s*(min|m|hours?|h|days?|d|)")
_UNITS = {"": 1, "m": 1, "h": 60, "d": 1440}

Minutes = Annotated[int | None, Field(ge=1, le=LONGEST), BeforeValidator(_minutes)]
Number = Annotated[int | None, BeforeValidator(lambda value: value or None)]


class TargetForm(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    category: str = Field(default="", max_length=200)
    priority: Annotated[int, BeforeValidator(lambda value: value or 0)] = 0
    first_response: Minutes = None
    next_response: Minutes = None
    resolution: Minutes = None
    calendar_id: Number = None
    warn_minutes: Annotated[
        int, Field(ge=0, le=LONGEST), BeforeValidator(lambda v: _minutes(v) or 0)
    ] = 0
    escalate_team_id: Number = None
    escalate_priority: Annotated[int, BeforeValidator(lambda value: value or 0)] = 0
    position: Annotated[int, Field(ge=0, le=9999), BeforeValidator(lambda v: v or 0)] = 0
    active: bool = False

    @field_validator("priority", "escalate_priority")
    @classmethod
    def _known(cls, value: int) -> int:
        if value not in (0, *PRIORITIES):
            raise ValueError("Please choose one of the list.")
        return value


class CalendarForm(BaseModel):
    """The days' hours stand beside it: hours.read_week says what is wrong with them."""

    name: str = Field(min_length=1, max_length=120)
    timezone: str

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise ValueError("Please choose one of the list.") from None
        return value


def minutes_text(value: int | str | None) -> str:
    """Minutes as they are typed: “30 min”, “4 h”, “2 d”; what a person typed, as it is."""
    if not isinstance(value, int):
        return value or ""
    for name, size in (("d", 1440), ("h", 60)):
        if value and value % size == 0:
            return f"{value // size} {name}"
    return f"{value} min" if value else ""
