"""One writing for equal values, so that two records can be compared by a hash. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticSerializationError, to_json


def canonical(fields: Mapping[str, Any]) -> str:
    """JSON with sorted keys, times in UTC, decimals as texts without trailing zeros, Unicode in NFC."""
    written = _ENCODER.encode(fields)
    return written if written.isascii() else unicodedata.normalize("NFC", written)


def payload_hash(fields: Mapping[str, Any]) -> str:
    """64 hexadecimal digits that change when, and only when, a mapped value changes."""
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def raw_bytes(value: Any, *, without: Collection[str] = ()) -> bytes:
    """A raw value as JSON in the order it came, for telling whether it came again. `without`: keys to leave out."""
    if without and isinstance(value, dict):
        value = {key: held for key, held in value.items() if key not in without}
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError):
        return json.dumps(value, default=str).encode()


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same values in JSON's own types, for a column."""
    found: dict[str, Any] = json.loads(canonical(fields))
    return found


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).isoformat()
        return moment.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    raise TypeError(f"{type(value).__name__} cannot be compared")


_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_written, allow_nan=False
)
