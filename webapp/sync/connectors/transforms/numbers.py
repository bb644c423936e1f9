"""Exact numbers. A float of JSON is read by its shortest writing, so 12.34 stays 12.34."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]

_SIXTH = Decimal("0.000001")


def exact(value: Any) -> Decimal | None:
    """The number as a Decimal; an empty text is None. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("a number was expected")
    written = value.strip() if isinstance(value, str) else str(value)
    if not written:
        return None
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise ValueError("this is not a number that can be read") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError("this is not a number that can be read")
    return number


def decimal(*, zone: ZoneInfo, places: int | None = None) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        number = exact(value)
        if number is None or places is None:
            return number
        rounded = number.quantize(Decimal(1).scaleb(-places))
        if rounded != number:
            warn(f"more than {places} decimals were rounded")
        return rounded

    return apply


def integer(*, zone: ZoneInfo) -> Transform:
    def apply(value: Any, warn: Warn) -> Any:
        number = exact(value)
        if number is not None and number != number.to_integral_value():
            raise ValueError("a whole number was expected")
        return None if number is None else int(number)

    return apply


def boolean(*, zone: ZoneInfo) -> Transform:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

    def apply(value: Any, warn: Warn) -> Any:
        found = words.get(str(value).strip().lower())
        if found is None:
            raise ValueError("a yes or no was expected")
        return found

    return apply


def coordinate(*, zone: ZoneInfo, limit: int = 180) -> Transform:
    """Degrees with six decimals (11 cm); beyond ±limit is an error."""

    def apply(value: Any, warn: Warn) -> Any:
        if value.__class__ is float and -limit <= value <= limit:
            return Decimal(repr(value)).quantize(_SIXTH)
        number = exact(value)
        if number is None:
            return None
        if abs(number) > limit:
            raise ValueError(f"a coordinate lies between -{limit} and {limit}")
        return number.quantize(_SIXTH)

    return apply


def coordinate_of(*, zone: ZoneInfo, position: int, limit: int = 180) -> Transform:
    """One half of a pair: `13.62,123.19` or [13.62, 123.19]."""
    degrees = coordinate(zone=zone, limit=limit)

    def apply(value: Any, warn: Warn) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or len(parts) <= position:
            raise ValueError("a pair of coordinates was expected")
        return degrees(parts[position], warn)

    return apply
