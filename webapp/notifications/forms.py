"""What the page of preferences and the programs send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from webapp.notifications.kinds import CHANNELS, KINDS


def _minutes(value: Any) -> Any:
    """Of the day, from 22:30."""
    hours, _, minutes = str(value).partition(":")
    if hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
        return int(hours) * 60 + int(minutes)
    raise ValueError(gettext("Give a time such as 22:30."))


Minutes = Annotated[int, BeforeValidator(_minutes)]


class PreferencesForm(BaseModel):
    everything: Literal["all", "mine"] = "all"
    toasts: bool = False
    toast_seconds: Literal["5", "10", "30", "0"] = "5"
    urgent_sound: bool = False
    quiet: bool = False
    quiet_from: Minutes = 22 * 60
    quiet_to: Minutes = 7 * 60
    digest: Literal["off", "hourly", "daily", "weekly"] = "off"

    def values(self) -> dict[str, Any]:
        """As the columns of NoticeSettings."""
        return {
            **self.model_dump(exclude={"everything", "toast_seconds"}),
            "everything": self.everything == "all",
            "toast_seconds": int(self.toast_seconds),
        }


def choices_of(form: Mapping[str, str]) -> dict[str, list[str]]:
    """The ticked boxes of the matrix: `mention.mail=1`."""
    return {
        kind: [channel for channel in CHANNELS if f"{kind}.{channel}" in form] for kind in KINDS
    }


def _path(value: str) -> str:
    if value and (not value.startswith("/") or value.startswith("//") or "\\" in value):
        raise ValueError(gettext("This must be a path of this desk, such as /tickets."))
    return value


def _kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(gettext("One of: %(kinds)s.", kinds=", ".join(KINDS)))
    return value


class NoticeForm(BaseModel):
    """A notice that a program gives somebody."""

    model_config = ConfigDict(populate_by_name=True)

    user_id: int = Field(alias="userId", ge=1, lt=2**53)
    type: Annotated[str, AfterValidator(_kind)] = "system"
    title: str = Field(min_length=1, max_length=200)
    message: str = Field(default="", max_length=2000)
    link: Annotated[str, AfterValidator(_path)] = Field(default="", max_length=500)
    expires_at: datetime | None = Field(default=None, alias="expiresAt")
