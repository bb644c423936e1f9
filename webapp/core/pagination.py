"""Keyset paging: a page goes on after the last (sort key, id) that was shown, so depth costs nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from webapp.core.errors import Invalid

Row = TypeVar("Row")
_TOO_LARGE = 2**53  # of a number in a position


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next`: the position to ask for the following page with; None on the last."""

    rows: Sequence[Row]
    next: str | None


def encode(key: date | int | None, row_id: int) -> str:
    written = key.isoformat() if isinstance(key, date) else key
    return base64.urlsafe_b64encode(json.dumps([written, row_id]).encode()).decode().rstrip("=")


def decode(position: str) -> tuple[datetime, int]:
    """Raises Invalid for a position that we did not make. A day comes back as its midnight."""
    key, row_id = decode_key(position)
    if not isinstance(key, datetime):
        raise damaged()
    return key, row_id


def decode_key(position: str) -> tuple[datetime | int | None, int]:
    """As `decode`, of a list in any order: a time, a number, or None where the row has no key."""
    try:
        padded = position + "=" * (-len(position) % 4)
        values: Any = json.loads(base64.urlsafe_b64decode(padded))
        key, row_id = values[0], int(values[1])
        key = datetime.fromisoformat(key) if isinstance(key, str) else key
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError):
        raise damaged() from None
    fits = key is None or isinstance(key, datetime | int)
    if not fits or abs(row_id) >= _TOO_LARGE or (isinstance(key, int) and abs(key) >= _TOO_LARGE):
        raise damaged()
    return key, row_id


def damaged() -> Invalid:
    return Invalid("This page address is damaged; start again from the list.")
