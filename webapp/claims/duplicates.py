"""When two bulletins may be one and the same claim (T3). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from unicodedata import normalize

SAME_NUMBER = "number"
SAME_CARE = "care"
REASONS = (SAME_NUMBER, SAME_CARE)

# "": nobody has decided. `different`: both may be paid. `first`, `second`: that one is the duplicate, never to be paid.
DIFFERENT = "different"
FIRST = "first"
SECOND = "second"
DECISIONS = ("", DIFFERENT, FIRST, SECOND)


def same_number(number: str) -> str:
    """A bulletin number as it is compared: without what people and systems write differently."""
    return "".join(each for each in normalize("NFKC", number).casefold() if each.isalnum())


def care_key(member_number: str, care_date: date, providers: Iterable[str], amount: Decimal) -> str:
    """The same member, care date, provider and amount give the same key; "" where no member is named."""
    member = same_number(member_number)
    if not member:
        return ""
    names = sorted({" ".join(normalize("NFKC", each).casefold().split()) for each in providers})
    parts = (member, care_date.isoformat(), "|".join(names), f"{amount:.3f}")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def blocks(decision: str, *, is_first: bool) -> bool:
    """Whether a pair with this decision keeps one of its two from being paid."""
    return decision in ("", FIRST if is_first else SECOND)
