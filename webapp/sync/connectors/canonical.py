"""One writing for equal values, so that two records can be compared by a hash. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json


def payload_hash(fields: Mapping[str, Any]) -> str:
    """64 hexadecimal digits that change when a mapped value changes.

    The transforms have made equal values alike, and one mapping gives its fields in one order.
    """
    return hashlib.sha256(to_json(fields)).hexdigest()


def raw_bytes(value: Any, *, without: Collection[str] = ()) -> bytes:
    """A raw value as JSON in the order it came, for telling whether it came again. `without`: keys to leave out."""
    if without and isinstance(value, dict):
        value = {key: held for key, held in value.items() if key not in without}
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError):
        return json.dumps(value, default=str).encode()
