"""Message-IDs and the References that make a thread of mails. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

LONGEST_REFERENCES = 1500  # relays refuse longer headers (FreeScout learned it)
SEPARATOR = len("\r\n ")


def new_message_id(domain: str) -> str:
    """Unguessable, so that an answer naming it proves that its sender had our mail."""
    return f"<tulay.{secrets.token_hex(16)}@{domain}>"


def token_of(message_id: str) -> str:
    """Its secret part, as it stands in the address that answers go to."""
    return message_id.removeprefix("<tulay.").partition("@")[0]


def message_id_of(token: str, domain: str) -> str:
    return f"<tulay.{token}@{domain}>"


def references(earlier: Sequence[str]) -> list[str]:
    """What References names of `earlier` Message-IDs, oldest first: the first and as many of the newest as fit."""
    if not earlier:
        return []
    first, rest = earlier[0], list(earlier[1:])
    kept: list[str] = []
    room = LONGEST_REFERENCES - len(first)
    while rest and len(rest[-1]) + SEPARATOR <= room:
        room -= len(rest[-1]) + SEPARATOR
        kept.insert(0, rest.pop())
    return [first, *kept]
