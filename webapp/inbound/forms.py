"""What a person fills in about the mailbox."""

from __future__ import annotations

from typing import Annotated, Literal

from flask_babel import gettext
from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from webapp.mail.headers import address_of

Number = BeforeValidator(lambda value: value or 0)


class MailboxForm(BaseModel):
    """`password`: empty keeps the one that is stored, as long as the server stays the same."""

    address: str = Field(min_length=3, max_length=254)
    active: bool = False
    host: str = Field(default="", max_length=255)
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = Field(default="", max_length=254)
    password: str = Field(default="", max_length=500, repr=False)
    folder: str = Field(default="INBOX", min_length=1, max_length=200)
    done_folder: str = Field(default="", max_length=200)
    interval_minutes: Annotated[int, Field(ge=1, le=1440)] = 2
    closed_rule: Literal["reopen", "within", "new"] = "reopen"
    kept_days: Annotated[int, Field(ge=0, le=36500), Number] = 365
    closed_days: Annotated[int, Field(ge=0, le=3650), Number] = 14

    @field_validator("address")
    @classmethod
    def _usable(cls, value: str) -> str:
        try:
            return address_of(value).lower()
        except ValueError:
            raise ValueError(
                gettext("This is no e-mail address. It should look like name@example.org.")
            ) from None

    @field_validator("host", "username", "folder", "done_folder", "password")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if any(char < " " for char in value):
            raise ValueError(gettext("Please write it in one line."))
        return value

    @model_validator(mode="after")
    def _complete(self) -> MailboxForm:
        if self.active and not (self.host and self.username):
            raise ValueError(gettext("To fetch mail, the server and the user name are needed."))
        return self
