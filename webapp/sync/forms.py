"""Input models of the connection pages. What a kind of system asks besides comes as `option_<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal
from zoneinfo import available_timezones

from flask_babel import gettext
from pydantic import BaseModel, Field, field_validator, model_validator

from webapp.core.forms import parse
from webapp.sync.connectors.declaration import Declaration

OPTION = "option_"
_LONGEST_OPTION = 300


class Tried(BaseModel):
    """What a test needs. The secret is read, used and forgotten; no page ever repeats it."""

    base_url: str = Field(min_length=1, max_length=500)
    secret: str = Field("", max_length=4000, repr=False)
    allow_http: bool = False  # an unticked box is not sent
    timezone: str = Field("", max_length=60)
    options: dict[str, str] = {}

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError(gettext("Choose a time zone of the list."))
        return value


class NewConnection(Tried):
    kind: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=120)
    interval_minutes: int = 5
    push_enabled: bool = False
    untested: bool = False  # save although the test failed


class Settings(Tried):
    """A connection's settings. An empty secret keeps the present one; a new one is tried first."""

    name: str = Field(min_length=1, max_length=120)
    interval_minutes: int = 5
    push_enabled: bool = False
    untested: bool = False


class NewSecret(BaseModel):
    secret: str = Field(min_length=1, max_length=4000, repr=False)
    untested: bool = False


class Mapped(BaseModel):
    """One unmapped value and what it means here."""

    field: str = Field(min_length=1, max_length=80)
    upstream: str = Field(min_length=1, max_length=200)
    local: str = Field(min_length=1, max_length=200)


class Retried(BaseModel):
    """A record in quarantine, and what to do with it. It is left out for a reason only."""

    do: Literal["retry", "ignore", "readmit"]
    reason: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _why(self) -> Retried:
        if self.do == "ignore" and not self.reason:
            raise ValueError(gettext("Say why it is left out."))
        return self


class Decided(BaseModel):
    """Which value counts; `ours` and `theirs` as the person saw them."""

    keep: Literal["local", "upstream"]
    ours: str | None = Field(None, max_length=200_000)
    theirs: str | None = Field(None, max_length=200_000)


class Owned(BaseModel):
    """Whose a field is where both sides change it."""

    field: str = Field(min_length=1, max_length=80)
    owner: Literal["upstream", "ours", "newest", "ask"]


class Looked(BaseModel):
    """A record that is gone upstream, and what to do about it."""

    do: Literal["look", "unlink"]


class Reread(BaseModel):
    """From which day; everything where `whole` is set."""

    since: date | None = None
    whole: bool = False

    @field_validator("since", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return value or None


class Compared(BaseModel):
    extent: Literal["all", "open"] = "all"


class Repaired(BaseModel):
    """Which differences, and which way."""

    how: Literal["drift.take", "drift.push", "drift.bring", "drift.gone"]
    which: Literal["ticked", "all"] = "ticked"


def options_of(form: Mapping[str, str], declaration: Declaration) -> dict[str, str]:
    """The declared options that are filled in, by name."""
    given = {
        o.name: form.get(OPTION + o.name, "").strip()[:_LONGEST_OPTION] for o in declaration.options
    }
    return {name: value for name, value in given.items() if value}


def tried_from(form: Mapping[str, str], declaration: Declaration) -> Tried:
    """Raises Invalid."""
    tried = parse(Tried, form)
    return tried.model_copy(update={"options": options_of(form, declaration)})


def new_connection_from(form: Mapping[str, str], declaration: Declaration) -> NewConnection:
    """Raises Invalid."""
    wanted = parse(NewConnection, form)
    return wanted.model_copy(update={"options": options_of(form, declaration)})


def settings_from(form: Mapping[str, str], declaration: Declaration) -> Settings:
    """Raises Invalid."""
    wanted = parse(Settings, form)
    return wanted.model_copy(update={"options": options_of(form, declaration)})
