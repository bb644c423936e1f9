"""What happens in channels. A fact never repeats what was said: admins read the trail, members the channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class ChannelFact(Fact):
    subject_kind: ClassVar[str] = "channel"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class ChannelMade(ChannelFact):
    """`name`: empty for direct messages."""

    type: ClassVar[str] = "chat.channel_made"
    name: str


@dataclass(frozen=True, kw_only=True)
class ChannelEdited(ChannelFact):
    type: ClassVar[str] = "chat.channel_edited"
    name: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True, kw_only=True)
class ChannelJoined(ChannelFact):
    """`joined`: came in, else went out. `person`: by name."""

    type: ClassVar[str] = "chat.channel_joined"
    name: str
    user_id: int
    person: str
    joined: bool


@dataclass(frozen=True, kw_only=True)
class MessageSent(ChannelFact):
    """`mentioned`: numbers of the people named by @; `direct`: of the other one of two. The author is in neither."""

    type: ClassVar[str] = "chat.sent"
    message_id: int
    name: str
    mentioned: list[int]
    direct: list[int]


@dataclass(frozen=True, kw_only=True)
class MessageEdited(ChannelFact):
    type: ClassVar[str] = "chat.edited"
    message_id: int


@dataclass(frozen=True, kw_only=True)
class MessageDeleted(ChannelFact):
    type: ClassVar[str] = "chat.deleted"
    message_id: int


# Of these the same follows: those who see the channel hear of it.
ONLY_SHOWN = (ChannelMade, ChannelEdited, ChannelJoined, MessageEdited, MessageDeleted)
