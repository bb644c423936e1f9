"""What people and programs may say of jobs and employees: one input model per action."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from flask_babel import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from webapp.core.errors import Invalid
from webapp.fieldwork.values import names_in
from webapp.targets.hours import DAYS, read_week, write_day
from webapp.tickets.forms import Body, Line, Note, Phone, Title, given
from webapp.tickets.texts import clean_line
from webapp.tickets.values import Latitude, Longitude

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST_ITEMS = 100
LONGEST_NAME, LONGEST_ITEM = 60, 300
MOST_KEYS = 100


def client_id(value: object) -> str | None:
    """A key that a form or a device made; None for anything else."""
    return value if isinstance(value, str) and _CLIENT_ID.fullmatch(value) else None


ClientId = Annotated[str | None, BeforeValidator(client_id)]


def _moment(value: Any, info: ValidationInfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(
            gettext("This must be a day and a time, such as 2026-01-31T08:30.")
        ) from None
    zone = (info.context or {}).get("zone", UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _numbers(value: Any) -> tuple[int, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    try:
        return tuple(sorted({int(part) for part in parts if str(part).strip()}))
    except (TypeError, ValueError):
        raise ValueError(gettext("Please choose from the list.")) from None


def _names(value: Any) -> list[str]:
    names = names_in(value) if isinstance(value, str) else [clean_line(str(one)) for one in value]
    if any(len(name) > LONGEST_NAME for name in names):
        raise ValueError(gettext("Each name has at most %(n)s letters.", n=LONGEST_NAME))
    return names


def _lines(value: Any) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else list(value or ())
    texts = [text for line in lines if (text := clean_line(str(line)))]
    if len(texts) > MOST_ITEMS or any(len(text) > LONGEST_ITEM for text in texts):
        raise ValueError(
            gettext(
                "At most %(n)s lines of %(most)s characters each.", n=MOST_ITEMS, most=LONGEST_ITEM
            )
        )
    return texts


def _keys(value: Any) -> tuple[str, ...]:
    parts = str(value or "").split(",")[:MOST_KEYS]
    return tuple(key for part in parts if (key := client_id(part)))


def _day(value: Any) -> Any:
    return None if value == "" else value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Numbers = Annotated[tuple[int, ...], BeforeValidator(_numbers)]
Names = Annotated[list[str], BeforeValidator(_names)]
Lines = Annotated[list[str], BeforeValidator(_lines)]
Place = Annotated[str, AfterValidator(lambda text: clean_line(text)[:1000])]
Skill = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(clean_line)]
GivenTitle = Annotated[Title, given(lambda: gettext("Say in a few words what is to be done."))]
MaybeDay = Annotated[date | None, BeforeValidator(_day)]


class JobForm(BaseModel):
    """What of a job is changed: the fields that are given, and no others. `ticket`: its number."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: GivenTitle = ""
    description: Body = ""
    place: Place = ""
    barangay: Line = ""
    lat: Latitude = None
    lng: Longitude = None
    starts_at: Moment = None
    ends_at: Moment = None
    skill: Skill = ""
    priority: Annotated[int, Field(ge=1, le=4)] = 2
    ticket: Line = ""
    resolves_ticket: bool = True
    crew: Numbers = ()

    @field_validator("resolves_ticket", mode="before")
    @classmethod
    def _flag(cls, value: object) -> object:
        return value if isinstance(value, bool) else bool(value)


class NewJobForm(JobForm):
    """`checklist` and `parts`: one a line; a part may begin with how many: “2 × lamp”."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    checklist: Lines = Field(default_factory=list)
    parts: Lines = Field(default_factory=list)
    client_uuid: ClientId = None


class MoveForm(BaseModel):
    """`resolve`: whether its ticket is resolved, too; not given: as the job says."""

    state: str
    reason: Annotated[str, Field(max_length=2000)] = ""
    resolve: bool | None = None
    seen: str = ""  # the state that the page showed
    after: Annotated[tuple[str, ...], BeforeValidator(_keys)] = ()  # photos that come before it

    @field_validator("resolve", mode="before")
    @classmethod
    def _maybe(cls, value: object) -> object:
        return {"yes": True, "no": False, "": None}.get(str(value), value)


class NoteForm(BaseModel):
    model_config = ConfigDict(validate_default=True)

    body: Note = ""


class EmployeeForm(BaseModel):
    """`user`: their account. `hours`: day → hours; on a form each day is a field of its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[Line, given(lambda: gettext("Say what they are called."))] = ""
    phone: Phone = ""
    user: int | None = None
    skills: Names = Field(default_factory=list)
    areas: Names = Field(default_factory=list)
    active: bool = True
    mon: str = ""
    tue: str = ""
    wed: str = ""
    thu: str = ""
    fri: str = ""
    sat: str = ""
    sun: str = ""

    @field_validator("user", mode="before")
    @classmethod
    def _nobody(cls, value: object) -> object:
        return value or None

    @field_validator("active", mode="before")
    @classmethod
    def _flag(cls, value: object) -> object:
        return value if isinstance(value, bool) else bool(value)

    @field_validator(*DAYS, mode="after")
    @classmethod
    def _readable(cls, text: str, info: ValidationInfo) -> str:
        day = str(info.field_name)
        if not text.strip():
            return ""
        try:
            return write_day(read_week({day: text})[DAYS.index(day)])
        except Invalid as error:
            raise ValueError(gettext(error.fields[day])) from None


class NewEmployeeForm(EmployeeForm):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)


class AbsenceForm(BaseModel):
    first_day: date
    last_day: MaybeDay = None
    reason: Line = ""


class RecurringForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: GivenTitle = ""
    description: Body = ""
    place: Place = ""
    barangay: Line = ""
    lat: Latitude = None
    lng: Longitude = None
    skill: Skill = ""
    priority: Annotated[int, Field(ge=1, le=4)] = 2
    checklist: Lines = Field(default_factory=list)
    crew: Numbers = ()
    every: Literal["daily", "weekly", "monthly"] = "weekly"
    step: Annotated[int, Field(ge=1, le=52)] = 1
    weekdays: Numbers = ()
    first_on: date
    last_on: MaybeDay = None
    begins: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"
    minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    days_ahead: Annotated[int, Field(ge=0, le=60)] = 7
    active: bool = False  # an unticked box is not sent
    version: int = 0


class PositionForm(BaseModel):
    lat: Latitude = None
    lng: Longitude = None
