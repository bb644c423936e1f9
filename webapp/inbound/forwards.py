"""Who wrote what an agent forwards. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from webapp.inbound.bodies import body_of
from webapp.inbound.quotes import is_header_block

_SUBJECT = re.compile(r"^\s*(?:fwd?|tr|rv|wg|i|enc|doorst)\s*:\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}[A-Za-z0-9]")
_NAMED = re.compile(r"^\*?[^:]{1,12}:\*?\s*\"?([^<\"\[]{0,200})")


@dataclass(frozen=True)
class Forwarded:
    name: str = field(repr=False)
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


def forwarded_in(subject: str, text: str, nested: list[Message]) -> Forwarded | None:
    """The mail that is passed on: attached, or below its “From: … Date: …” in the text."""
    if not _SUBJECT.match(subject):
        return None
    bare = _SUBJECT.sub("", subject)
    return _attached(bare, nested) or _inline(bare, text)


def _attached(subject: str, nested: list[Message]) -> Forwarded | None:
    for message in nested[:1]:
        sender = str(message.get("from", ""))
        found = _ADDRESS.search(sender)
        if found:
            name = sender.split("<", maxsplit=1)[0].strip(' "')
            name = "" if "@" in name or "=?" in name else name
            return Forwarded(name, found.group().lower(), subject, body_of(message).text.strip())
    return None


def _inline(subject: str, text: str) -> Forwarded | None:
    lines = [line.lstrip("> ") for line in text.split("\n")]
    for at in range(len(lines)):
        if not is_header_block(lines, at):
            continue
        found = _ADDRESS.search(lines[at])
        if not found:
            return None
        named = _NAMED.match(lines[at].strip())
        name = named.group(1).strip() if named else ""
        rest = at
        while rest < len(lines) and lines[rest].strip():
            rest += 1
        below = "\n".join(lines[rest:]).strip()
        return Forwarded("" if "@" in name else name, found.group().lower(), subject, below)
    return None
