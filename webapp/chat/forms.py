"""What people type into the chat."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from webapp.tickets.texts import clean_line, clean_text

LONGEST = 10_000

Text = Annotated[str, AfterValidator(clean_text), Field(max_length=LONGEST)]
Number = Annotated[int | None, BeforeValidator(lambda value: value or None)]
Key = Annotated[
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None,
    BeforeValidator(lambda value: value or None),
]


class MessageForm(BaseModel):
    """Empty only with a file, which whoever calls looks at."""

    body: Text = ""
    reply_to: Number = None
    client_id: Key = None


class EditForm(BaseModel):
    body: Annotated[Text, Field(min_length=1)]


class ChannelForm(BaseModel):
    name: Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=80)]
    topic: Annotated[str, AfterValidator(clean_line), Field(max_length=300)] = ""
    closed: bool = False


class MessageIn(BaseModel):
    """POST /api/chat: into a channel, or to a person."""

    channel: int | None = Field(alias="channelId", default=None)
    person: int | None = Field(alias="userId", default=None)
    body: Annotated[Text, Field(min_length=1)]
    reply_to: int | None = Field(alias="replyTo", default=None)
    client_id: Key = Field(alias="clientId", default=None)
