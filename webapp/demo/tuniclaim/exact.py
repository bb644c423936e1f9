"""Money of TUNICLAIM: thousandths of a dinar as whole numbers, and JSON whose numbers stay as written."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST = 10**14  # millimes; beyond it is a mistake, not a claim
_MARK = "\ue000"  # private use: stands round a number until the text is made
_MARKED = re.compile(f'"{_MARK}(-?[0-9.]+){_MARK}"')
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,3})?")


def dinars(millimes: int) -> str:
    """As the contract writes it: 1234.500."""
    sign, whole = ("-", -millimes) if millimes < 0 else ("", millimes)
    return f"{sign}{whole // 1000}.{whole % 1000:03d}"


def millimes(value: Any) -> int:
    """An amount from text, a whole number or a Decimal. Raises ValueError for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("An amount is text such as 1234.500, or a number.")
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _AMOUNT.fullmatch(text):
        raise ValueError("An amount has at most three decimals.")
    found = int(Decimal(text).scaleb(3))
    if abs(found) > LARGEST:
        raise ValueError("The amount is too large.")
    return found


def as_number(amount: str) -> Decimal:
    """What `dumps` writes as a JSON number with all its decimals. Raises ValueError."""
    try:
        return Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no number") from None


def dumps(value: Any) -> str:
    """JSON in which a Decimal is a number, written as it is."""
    text = json.dumps(value, ensure_ascii=False, default=_marked)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def loads(text: str | bytes) -> Any:
    """JSON whose fractions are Decimals, never floats."""
    return json.loads(text, parse_float=Decimal)


def _marked(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no JSON form")
    return f"{_MARK}{value:f}{_MARK}"
