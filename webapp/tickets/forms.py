"""What people may type into a ticket's forms. Every error is a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from flask_babel import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from webapp.tickets.states import STATUSES
from webapp.tickets.texts import clean_line, clean_text
from webapp.tickets.values import Latitude, Longitude

LONGEST_TITLE = 300
LONGEST_TEXT = 20_000

_KEY = re.compile(r"[A-Za-z0-9_-]{16,43}")
_PHONE = re.compile(r"[0-9+()./\- ]{5,60}")


def _too_long(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(
            gettext(
                "This has %(length)s characters; at most %(limit)s fit. Please shorten it.",
                length=f"{len(text):,}",
                limit=f"{limit:,}",
            )
        )
    return text


def _line(limit: int) -> AfterValidator:
    return AfterValidator(lambda text: _too_long(clean_line(text), limit))


def _email(text: str) -> str:
    text = clean_line(text)
    if not text:
        return ""
    from email_validator import EmailNotValidError, validate_email  # tables that only forms need

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError(
            gettext("This is no e-mail address. It should look like name@example.org.")
        ) from None


def _phone(text: str) -> str:
    text = clean_line(text)
    if text and not _PHONE.fullmatch(text):
        raise ValueError(gettext("A phone number has digits, spaces and + ( ) - only."))
    return text


def _key(value: object) -> str | None:
    return value if isinstance(value, str) and _KEY.fullmatch(value) else None


def given(words: Callable[[], str]) -> AfterValidator:
    """Nothing is refused with that sentence, made when it is needed: in the language of whoever reads it."""

    def check(text: str) -> str:
        if not text:
            raise ValueError(words())
        return text

    return AfterValidator(check)


def _known_status(status: str) -> str:
    if status and status not in STATUSES:
        raise ValueError(_no_status())
    return status


def _no_status() -> str:
    return gettext("Choose one of the statuses.")


def _category(*, needed: bool) -> AfterValidator:
    """One of `context={"categories": …}`, which the view gives: those that can be chosen."""

    def check(category: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get("categories")
        if known is not None and category not in known and (needed or category):
            raise ValueError(gettext("Choose the category that fits best."))
        return category

    return AfterValidator(check)


Title = Annotated[str, _line(LONGEST_TITLE)]
GivenTitle = Annotated[Title, given(lambda: gettext("Say in a few words what it is about."))]
Line = Annotated[str, _line(200)]
Body = Annotated[str, AfterValidator(lambda text: _too_long(clean_text(text), LONGEST_TEXT))]
Note = Annotated[Body, given(lambda: gettext("Write the note first."))]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
SubmissionKey = Annotated[str | None, BeforeValidator(_key)]
Status = Annotated[str, AfterValidator(_known_status)]  # or nothing


class _TicketForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: GivenTitle = ""
    description: Annotated[
        Body, given(lambda: gettext("Describe what you saw, so that we can find and fix it."))
    ] = ""
    category: Annotated[Line, _category(needed=True)] = ""
    barangay: Line = ""
    place: Annotated[str, _line(1000)] = ""
    lat: Latitude = None  # where the person's device says that it is
    lng: Longitude = None
    name: Line = ""
    email: Email = ""
    phone: Phone = ""
    submission_key: SubmissionKey = None


class ReportForm(_TicketForm):
    """A reporter's own. `website` is a trap for machines: people never see it."""

    website: str = ""

    @field_validator("website", mode="after")
    @classmethod
    def _no_machine(cls, website: str) -> str:
        if website:
            raise ValueError(gettext("Leave the field “Website” empty; it catches machines."))
        return website


class DeskTicketForm(_TicketForm):
    """An agent's, on somebody's behalf."""


class EditForm(BaseModel):
    """What of a ticket is corrected: the fields that are given, and no others."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: GivenTitle = ""
    description: Body = ""
    category: Annotated[Line, _category(needed=False)] = ""
    barangay: Line = ""
    place: Annotated[str, _line(1000)] = ""
    reporter_name: Line = ""
    reporter_email: Email = ""
    reporter_phone: Phone = ""


class ResponseForm(BaseModel):
    """An answer; `status`: the ticket's next one, or nothing. `seen_status` and `version`: what the
    page showed when the answer was begun."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    body: Annotated[Body, given(lambda: gettext("Write your answer first."))] = ""
    status: Status = ""
    seen_status: str = ""
    version: int | None = None
    anyway: bool = False  # the person was asked, and wants it
    seen_response_id: int | None = None  # the newest answer when this one was begun
    submission_key: SubmissionKey = None

    @field_validator("version", "seen_response_id", mode="before")
    @classmethod
    def _no_version(cls, version: object) -> object:
        return version or None


class NoteForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    body: Note = ""
    submission_key: SubmissionKey = None


class StatusForm(BaseModel):
    """`seen_status` and `version`: what the page showed when the person chose."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    status: Annotated[Status, given(_no_status)] = ""
    seen_status: str = ""
    version: int | None = None
    anyway: bool = False  # the person was asked, and wants it

    @model_validator(mode="before")
    @classmethod
    def _no_empty(cls, values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if value != ""}


class RefineForm(BaseModel):
    """`seen` and `version`: what the page showed when the person began to type."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    refined_category: Line = ""
    seen: str = ""
    version: int | None = None

    @field_validator("version", mode="before")
    @classmethod
    def _no_version(cls, version: object) -> object:
        return version or None


class AssignForm(BaseModel):
    """`assignee`: a person's id, or nothing for nobody."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    assignee: Annotated[int | None, Field(gt=0, lt=10**17)] = None  # as large as keys grow

    @field_validator("assignee", mode="before")
    @classmethod
    def _nobody(cls, assignee: object) -> object:
        return assignee or None
