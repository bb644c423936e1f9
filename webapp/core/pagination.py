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


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next`: the position to ask for the following page with; None on the last."""

    rows: Sequence[Row]
    next: str | None


def encode(key: date, row_id: int) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps([key.isoformat(), row_id]).encode())
        .decode()
        .rstrip("=")
    )


def decode(position: str) -> tuple[datetime, int]:
    """Raises Invalid for a position that we did not make. A day comes back as its midnight."""
    try:
        padded = position + "=" * (-len(position) % 4)
        values: Any = json.loads(base64.urlsafe_b64decode(padded))
        return datetime.fromisoformat(values[0]), int(values[1])
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError):
        raise Invalid("This page address is damaged; start again from the list.") from None
