"""Input models of settings, people and the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext
from pydantic import BaseModel, EmailStr, Field, field_validator

from webapp.accounts.roles import ROLES
from webapp.outbox.models import FINAL_STATES, OPEN_STATES

CHANNELS = ("mail", "push")
STATES = ("waiting", *OPEN_STATES, *FINAL_STATES)


class DeskForm(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    intro: str = Field("", max_length=5000)
    timezone: str = Field(min_length=1, max_length=60)
    public_reports: bool = False  # an unticked box is not sent


class CategoryForm(BaseModel):
    name: str = Field(min_length=1, max_length=200)


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


@dataclass(frozen=True)
class OutboxFilter:
    """What the outbox page is narrowed to. What cannot be read does not narrow."""

    state: str = ""
    channel: str = ""
    target: str = ""

    def as_args(self) -> dict[str, Any]:
        values = {"state": self.state, "channel": self.channel, "target": self.target}
        return {name: value for name, value in values.items() if value}


def timezone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


def outbox_filter_from(args: Mapping[str, Any]) -> OutboxFilter:
    state, channel = args.get("state", ""), args.get("channel", "")
    return OutboxFilter(
        state=state if state in STATES else "",
        channel=channel if channel in CHANNELS else "",
        target=str(args.get("target", ""))[:60],
    )
