"""Who may hear what: pure rules on topic names. A topic is a word (`staff`) or a word and a key (`ticket:7`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_TOPICS = 60  # one stream listens for all tabs of a browser

_PLAIN = frozenset({"staff", "admin", "outbox", "claims", "jobs"})
_NUMBERED = frozenset(
    {"user", "ticket", "connection", "follow", "bordereau", "bulletin", "batch", "job"}
)
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{8,200}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Viewer:
    """Who asks. `user_id` None: nobody is signed in (a reporter with a follow link).

    `hears`: the kinds of topic that this person's permissions open, besides their own `user:` topic.
    """

    user_id: int | None = None
    hears: frozenset[str] = frozenset()


class TopicRefused(ValueError):
    """The topic is unknown, or not for this viewer; both look the same from outside."""


def checked(topic: str) -> str:
    """A topic to publish to, as it stands. Raises ValueError when no page could ever hear it."""
    kind, _, key = topic.partition(":")
    if topic in _PLAIN or (kind in _NUMBERED and _NUMBER.fullmatch(key)):
        return topic
    raise ValueError(f"{topic!r} is no live topic")


def asked_for(text: str) -> list[str]:
    """The comma separated list of an address, each topic once. Raises TopicRefused when empty or too long."""
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names or len(names) > MOST_TOPICS:
        raise TopicRefused("Name between 1 and 60 topics.")
    return names


def granted(
    names: Iterable[str],
    viewer: Viewer,
    *,
    followed: Callable[[str], int | None],
    probed: Callable[[str], bool] = lambda _token: False,
) -> frozenset[str]:
    """The topics to listen to. Raises TopicRefused for any other.

    `followed` tells the ticket of a follow token, `probed` whether the desk itself made that token for its round trip.
    """
    return frozenset(
        name
        if name.startswith("probe:") and probed(name.removeprefix("probe:"))
        else _granted_one(name, viewer, followed)
        for name in names
    )


def needs_sign_in(names: Iterable[str]) -> bool:
    """Whether somebody without an account can hear none of this."""
    return any(not name.startswith(("follow:", "probe:")) for name in names)


def _granted_one(name: str, viewer: Viewer, followed: Callable[[str], int | None]) -> str:
    kind, _, key = name.partition(":")
    if kind == "follow":
        ticket_id = followed(key) if _TOKEN.fullmatch(key) else None
        if ticket_id is not None:
            return f"follow:{ticket_id}"
    elif name in _PLAIN and kind in viewer.hears:
        return name
    elif kind in _NUMBERED and _NUMBER.fullmatch(key):
        own = kind == "user" and viewer.user_id is not None and key == str(viewer.user_id)
        if own or kind in viewer.hears:
            return name
    raise TopicRefused("This topic does not exist, or is not for you.")
