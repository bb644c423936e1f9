"""Amounts of money: exact decimals with their currency's places, never binary floats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+")
ZERO = Decimal(0)
LARGEST = Decimal("99999999999.999")  # what Numeric(14, 3) holds
USUAL = "TND"
# ISO 4217: currencies whose smallest coin is not a hundredth.
_PLACES = {"TND": 3, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "JPY": 0, "KRW": 0}


def places(currency: str) -> int:
    """Decimals that amounts in `currency` (ISO 4217) have."""
    return _PLACES.get(currency, 2)


def exact(value: Any, currency: str = USUAL) -> Decimal:
    """`value` (text such as "1234.500", an int or a Decimal) as an amount with all its currency's places.

    Nothing is rounded: raises ValueError for a float, for more decimals than the currency has, for what is
    no number and for what is too large to be stored.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("should be an amount such as 1234.500")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError("should be an amount such as 1234.500") from None
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise ValueError("is no amount that can be kept")
    step = Decimal(1).scaleb(-places(currency))
    kept = amount.quantize(step)
    if kept != amount:
        raise ValueError(f"has more than {places(currency)} decimals")
    return kept + ZERO  # no negative nought


def pattern(currency: str = USUAL) -> str:
    """How amounts in `currency` are written for people (CLDR number pattern)."""
    decimals = places(currency)
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def typed(text: str, currency: str = USUAL) -> Decimal:
    """As `exact`, of what a person typed: blanks may group, and commas where a point shows which is which."""
    bare = "".join(text.split())
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    if "," in bare:
        raise ValueError("Write the decimals after a point, as in 1234.500.")
    return exact(bare, currency)


def as_text(amount: Decimal, currency: str = USUAL) -> str:
    """With all places and a point, as it travels: 1234.500."""
    return str(exact(amount, currency))


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
