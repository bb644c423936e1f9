"""What people write down about themselves."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from webapp.progress.rollups import FIGURES
from webapp.tickets.texts import clean_line, clean_text

MOST_MINUTES = 24 * 60
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")


def read_minutes(value: Any) -> int:
    """“1.5”, “1,5”, “1:30” or “90 min” as minutes. Raises ValueError with a sentence."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(gettext("This must be a number of hours, such as 1.5."))
    text = str(value).strip().lower().replace(",", ".")
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) * 60 + int(found[2])
    number, unit = (text.removesuffix("min").strip(), 1) if text.endswith("min") else (text, 60)
    try:
        return round(float(number.removesuffix("h").strip()) * unit)
    except (ValueError, OverflowError):
        raise ValueError(gettext("This must be a number of hours, such as 1.5.")) from None


def _one_day(minutes: int) -> int:
    if not 1 <= minutes <= MOST_MINUTES:
        raise ValueError(gettext("More than nothing, and at most 24 hours."))
    return minutes


def _web(text: str) -> str:
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError(gettext("A link begins with https:// or http://."))
    return text


Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text), Field(max_length=20_000)]
MaybeDay = Annotated[date | None, BeforeValidator(lambda value: value or None)]
Minutes = Annotated[int, BeforeValidator(read_minutes), AfterValidator(_one_day)]


class LogForm(BaseModel):
    """`day`: empty is today. No day after today: `context["today"]`, of the person."""

    minutes: Minutes = Field(alias="hours")
    topic: Line = Field(min_length=1, max_length=200)
    notes: Text = ""
    day: MaybeDay = None
    key: Annotated[str | None, Field(max_length=64)] = None


class GoalForm(BaseModel):
    title: Line = Field(min_length=1, max_length=200)
    target: Line = Field(default="", max_length=200)
    notes: Text = ""
    due: MaybeDay = None


class SkillForm(BaseModel):
    name: Line = Field(min_length=1, max_length=120)
    level: int = Field(ge=1, le=5)
    evidence: Text = ""


class PortfolioForm(BaseModel):
    """Something of it must be there; the file comes beside the form."""

    title: Line = Field(min_length=1, max_length=200)
    body: Text = ""
    url: Annotated[str, AfterValidator(_web), Field(max_length=2000)] = ""


def _marks(value: Any) -> Any:
    """“7, 30, 100” as rising whole numbers."""
    if not isinstance(value, str):
        return value
    parts = [part for part in re.split(r"[\s,;]+", value) if part]
    if not all(part.isascii() and part.isdigit() and 0 < int(part) < 100_000 for part in parts):
        raise ValueError(gettext("Whole numbers with commas between them, such as 7, 30, 100."))
    return sorted({int(part) for part in parts})[:20]


class RulesForm(BaseModel):
    leaderboard: bool = False
    first_log: bool = False
    streak_marks: Annotated[list[int], BeforeValidator(_marks)] = []
    hour_marks: Annotated[list[int], BeforeValidator(_marks)] = []
    grace_days: int = Field(default=0, ge=0, le=3)


class ActivityIn(BaseModel):
    """POST /api/activities."""

    type: str = Field(pattern=r"^[a-z][a-z_]{1,39}$")
    title: Line = Field(min_length=1, max_length=300)
    link: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _stays_here(self) -> ActivityIn:
        if self.link and (not self.link.startswith("/") or self.link.startswith(("//", "/\\"))):
            raise ValueError(gettext("A link here begins with one /."))
        return self


class Increment(BaseModel):
    """PATCH …/increment: `statName` one of the figures, or `hours`."""

    stat: str = Field(alias="statName")
    by: float = Field(alias="incrementBy", default=1, ge=-100_000, le=100_000)

    @model_validator(mode="after")
    def _known(self) -> Increment:
        if self.stat not in (*STATS, *FIGURES):
            raise ValueError(
                gettext("statName is one of %(names)s.", names=", ".join(sorted(STATS)))
            )
        if self.stat not in ("hours", "totalHours") and self.by != int(self.by):
            raise ValueError(gettext("Only hours can grow by a part."))
        return self

    def as_figures(self) -> dict[str, int]:
        figure, unit = STATS.get(self.stat, (self.stat, 1))
        return {figure: round(self.by * unit)}


# What the API calls a figure → the figure, and how many of it one is.
STATS = {
    "hours": ("minutes", 60),
    "totalHours": ("minutes", 60),
    "logs": ("logs", 1),
    "logsCount": ("logs", 1),
    "goals": ("goals", 1),
    "goalsCompleted": ("goals", 1),
    "skills": ("skills", 1),
    "portfolio": ("portfolio", 1),
}


class LearningHours(BaseModel):
    """PATCH …/learning-hours."""

    hours: float = Field(alias="hoursLogged", ge=-10_000, le=10_000)


class Week(BaseModel):
    """POST …/weekly: what the week comes to. `week_start`: any day of it; this week without."""

    hours: float = Field(alias="hoursLogged", ge=0, le=168)
    logs: int = Field(alias="logsCount", ge=0, le=1000)
    week_start: MaybeDay = Field(alias="weekStart", default=None)
