"""Input models of settings, people and the outbox."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import available_timezones

from flask_babel import gettext
from pydantic import BaseModel, BeforeValidator, EmailStr, Field, field_validator, model_validator

from webapp.accounts import joining
from webapp.accounts.roles import ROLES

_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII
)
JOINERS = tuple(role for role in ROLES if role != "admin")  # nobody becomes admin by themselves
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^\s;,'\"<>]*", re.ASCII)


class DeskForm(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    intro: str = Field("", max_length=5000)
    timezone: str = Field(min_length=1, max_length=60)
    public_reports: bool = False  # an unticked box is not sent
    large_import: int = Field(500, ge=1, le=1_000_000)
    undo_send_s: int = Field(15, ge=0, le=120)


class TilesForm(BaseModel):
    """The map's pictures. Their host stands in the page's policy, so that it must be a plain one."""

    tiles_url: str = Field("", max_length=500)
    tiles_credit: str = Field("", max_length=200)

    @field_validator("tiles_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url:
            return url
        if not _TILES.fullmatch(url):
            raise ValueError(
                gettext(
                    "It should look like https://tiles.example.org/{z}/{x}/{y}.png, without {s}."
                )
            )
        if any(part not in url for part in ("{z}", "{x}", "{y}")):
            raise ValueError(gettext("It must hold {z}, {x} and {y}."))
        return url


class AccessForm(BaseModel):
    factor_roles: list[str] = Field(default_factory=list)  # who must have a second factor
    signup: Literal["closed", "invited", "domains", "open"] = "invited"
    signup_domains: list[str] = Field(default_factory=list)
    signup_role: str = "reporter"

    @field_validator("signup_domains", mode="before")
    @classmethod
    def _by_words(cls, text: object) -> object:
        return text.lower().replace(",", " ").split() if isinstance(text, str) else text

    @field_validator("signup_domains")
    @classmethod
    def _domains(cls, domains: list[str]) -> list[str]:
        if any(not _DOMAIN.fullmatch(each) for each in domains):
            raise ValueError(gettext("Write domains such as example.org, with spaces between."))
        return domains

    @field_validator("signup_role")
    @classmethod
    def _modest(cls, role: str) -> str:
        if role not in JOINERS:
            raise ValueError(gettext("Please choose one of the list."))
        return role

    @model_validator(mode="after")
    def _some_domain(self) -> AccessForm:
        if self.signup == joining.DOMAINS and not self.signup_domains:
            raise ValueError(gettext("Name at least one domain, or choose another way."))
        return self

    @field_validator("factor_roles")
    @classmethod
    def _known_roles(cls, roles: list[str]) -> list[str]:
        if not set(roles) <= set(ROLES):
            raise ValueError(gettext("Please choose some of the list."))
        return roles


class InviteForm(BaseModel):
    email: EmailStr = Field(max_length=254)
    name: str = Field("", max_length=200)
    role: Literal["admin", "agent", "finance", "field", "reporter"]


class CategoryForm(BaseModel):
    name: str = Field(min_length=1, max_length=200)


class TeamForm(BaseModel):
    """`closed_rule`: what a reporter's answer does to a finished ticket; "": as the mailbox says."""

    name: str = Field(min_length=1, max_length=120)
    closed_rule: Literal["", "reopen", "within", "new"] = ""
    closed_days: Annotated[int, Field(ge=0, le=3650), BeforeValidator(lambda days: days or 0)] = 14


Key = Annotated[int | None, Field(gt=0, lt=10**17)]  # as large as keys grow


class RuleForm(BaseModel):
    """Which new tickets go to whom; an empty condition fits all."""

    category: str = Field("", max_length=200)
    barangay: str = Field("", max_length=200)
    source: str = Field("", max_length=30)
    team_id: Key = None
    user_id: Key = None
    least_busy: bool = False

    @field_validator("team_id", "user_id", mode="before")
    @classmethod
    def _nobody(cls, value: object) -> object:
        return value or None


class TagForm(BaseModel):
    name: str = Field(min_length=1, max_length=60)


class PersonForm(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    role: str
    timezone: str = Field(min_length=1, max_length=60)

    @field_validator("role")
    @classmethod
    def _known(cls, role: str) -> str:
        if role not in ROLES:
            raise ValueError(gettext("Please choose one of the list."))
        return role

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, timezone: str) -> str:
        if timezone not in available_timezones():
            raise ValueError(gettext("Please choose one of the list."))
        return timezone


class NewPersonForm(PersonForm):
    email: EmailStr = Field(max_length=254)


class CancelForm(BaseModel):
    reason: str = Field(min_length=1, max_length=500)


class BulkForm(BaseModel):
    """Which deliveries, and what is to be done with them. `back`: the page that asks."""

    do: Literal["retry", "cancel"]
    which: Literal["ticked", "all"] = "ticked"
    back: str = Field("", max_length=500)


class MailEdit(BaseModel):
    """To whom a mail goes instead."""

    to_address: EmailStr = Field(max_length=254)
    to_name: str = Field("", max_length=200)
